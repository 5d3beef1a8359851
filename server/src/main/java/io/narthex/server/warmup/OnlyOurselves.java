package io.narthex.server.warmup;

import io.narthex.net.http.Entrance;
import io.narthex.net.http.HttpResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who knows a secret.
 *
 * @param secret the whole header {@code Authorization}
 */
record OnlyOurselves(String secret) implements Entrance {

  @Override
  public @Nullable SSLEngine tls() {
    return null;
  }

  @Override
  public boolean admits(@Nullable String authorization, HttpResponse response) throws IOException {
    if (authorization != null && MessageDigest.isEqual(bytes(authorization), bytes(secret))) {
      return true;
    }
    response.status(401).sendEmpty();
    return false;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
