package io.narthex.discovery.oci;

import io.narthex.base.time.Clock;
import io.narthex.net.secret.FromFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A user with an API key. Files are read again when they change, so that a key can be replaced
 * while the server runs.
 */
final class ApiKey implements Principal {

  private final String tenancy;
  private final FromFiles<Signer> signer;

  /**
   * @throws IOException if the key cannot be read
   */
  ApiKey(OciConfig config, Clock clock) throws IOException {
    this.tenancy = config.tenancy();
    String id = config.tenancy() + "/" + config.user() + "/" + config.fingerprint();
    List<FromFiles.Source> files = new ArrayList<>();
    files.add(new FromFiles.Source("reading OCI key file", config.keyFile()));
    if (!config.keyPassphraseFile().isEmpty()) {
      files.add(
          new FromFiles.Source("reading OCI key passphrase file", config.keyPassphraseFile()));
    }
    this.signer =
        new FromFiles<>(
            clock,
            files,
            FromFiles.WhenBroken.FAIL,
            contents -> {
              String passphrase =
                  contents.size() == 1
                      ? config.keyPassphrase()
                      : new String(contents.get(1), StandardCharsets.UTF_8)
                          .replaceAll("[\r\n]+$", "");
              return new Signer(id, PrivateKeys.read(contents.getFirst(), passphrase));
            });
    signer.get();
  }

  @Override
  public String tenancy() {
    return tenancy;
  }

  @Override
  public Signer signer() throws IOException {
    return signer.get();
  }
}
