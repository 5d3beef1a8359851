package io.narthex.discovery.oci;

import io.narthex.base.json.JsonValue;
import io.narthex.base.json.JsonWriter;
import io.narthex.base.time.Clock;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Request;
import io.narthex.net.secret.Pem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The machine itself, if it is an instance of Oracle's cloud ("Calling services from an instance").
 * Its metadata service gives it a certificate, which the authentication service exchanges for a
 * token that names a key of ours; requests are signed with that key. The certificate changes every
 * few hours, so all of it is fetched anew for each token, which is held until half of its life is
 * over. Belongs to one thread.
 */
final class InstancePrincipal implements Principal {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final List<String> TENANCY = List.of("opc-tenant:", "opc-identity:");

  private final ApiClient api;
  private final Clock clock;
  private final String metadata;
  private final KeyPair session;

  private @Nullable State state;

  /** What is known now; good until {@code end} on the clock's stopwatch. */
  private record State(String tenancy, Signer signer, long end) {}

  /**
   * @param environment of the process, which may name another metadata service
   */
  InstancePrincipal(ApiClient api, Clock clock, Map<String, String> environment)
      throws IOException {
    this.api = api;
    this.clock = clock;
    String given = environment.getOrDefault("OCI_METADATA_BASE_URL", "");
    this.metadata = given.isEmpty() ? "http://169.254.169.254/opc/v2" : given;
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      this.session = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IOException("oci_sd: cannot make a key: " + e.getMessage(), e);
    }
  }

  @Override
  public String tenancy() throws IOException {
    return now().tenancy;
  }

  @Override
  public Signer signer() throws IOException {
    return now().signer;
  }

  private State now() throws IOException {
    State known = state;
    if (known == null || clock.nanos() - known.end >= 0) {
      try {
        known = fetch();
      } catch (GeneralSecurityException e) {
        throw new IOException("oci_sd: instance principal: " + e.getMessage(), e);
      }
      state = known;
    }
    return known;
  }

  private byte[] metadata(String path) throws IOException {
    Request request =
        Request.get(HttpUrl.parse(metadata + path))
            .header("Authorization", "Bearer Oracle")
            .timeout(PATIENCE);
    return api.send(request).body();
  }

  private State fetch() throws IOException, GeneralSecurityException {
    byte[] certificate = metadata("/identity/cert.pem");
    byte[] key = metadata("/identity/key.pem");
    X509Certificate leaf = Pem.pair(certificate, key).chain().getFirst();
    Signer machine = machine(leaf, key);
    JsonValue region = JsonValue.parse(metadata("/instance/regionInfo"));
    HttpUrl url =
        HttpUrl.parse(
            "https://auth."
                + region.text("regionIdentifier")
                + "."
                + region.text("realmDomainComponent")
                + "/v1/x509");
    byte[] body = federation(leaf, metadata("/identity/intermediate.pem"));
    Request request = Request.post(url, "application/json", body).timeout(PATIENCE).mayRepeat();
    String token = api.json(machine.sign(request, clock.millis())).text("token");
    if (token.isEmpty()) {
      throw new IOException(url.text() + ": the answer has no token");
    }
    JsonValue claims = claims(token);
    long life = claims.whole("exp") - clock.millis() / 1000;
    long end = clock.nanos() + Duration.ofSeconds(Math.max(0, life / 2)).toNanos();
    return new State(tenancy(leaf), new Signer("ST$" + token, session.getPrivate()), end);
  }

  private static String tenancy(X509Certificate leaf) throws IOException {
    String subject = leaf.getSubjectX500Principal().getName();
    for (String attribute : TENANCY) {
      int at = subject.indexOf(attribute);
      int from = at + attribute.length();
      int end = from;
      while (at >= 0 && end < subject.length() && ",+".indexOf(subject.charAt(end)) < 0) {
        end++;
      }
      if (end > from) {
        return subject.substring(from, end);
      }
    }
    throw new IOException("oci_sd: the machine's certificate names no tenancy");
  }

  private static Signer machine(X509Certificate leaf, byte[] key)
      throws IOException, GeneralSecurityException {
    byte[] digest = MessageDigest.getInstance("SHA-1").digest(leaf.getEncoded());
    String fingerprint = HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
    return new Signer(tenancy(leaf) + "/fed-x509/" + fingerprint, Pem.key(key));
  }

  private byte[] federation(X509Certificate leaf, byte[] intermediate)
      throws IOException, GeneralSecurityException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonWriter json = new JsonWriter(out);
    json.beginObject();
    json.member("certificate", base64(leaf.getEncoded()));
    json.member("publicKey", base64(session.getPublic().getEncoded()));
    json.name("intermediateCertificates").beginArray();
    for (X509Certificate each : Pem.certificates(intermediate)) {
      json.string(base64(each.getEncoded()));
    }
    json.endArray().endObject();
    json.flush();
    return out.toByteArray();
  }

  private static String base64(byte[] der) {
    return Base64.getEncoder().encodeToString(der);
  }

  private static JsonValue claims(String token) throws IOException {
    String[] parts = token.split("\\.", -1);
    try {
      String claims = parts.length < 2 ? "" : parts[1];
      return JsonValue.parse(Base64.getUrlDecoder().decode(claims));
    } catch (IllegalArgumentException e) {
      throw new IOException("oci_sd: the token is no JSON Web Token", e);
    }
  }
}
