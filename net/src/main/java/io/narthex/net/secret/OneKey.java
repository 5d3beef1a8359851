package io.narthex.net.secret;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the one certificate there is, whoever asks: the JDK's own key manager shows none to a
 * server whose list of authorities does not name the issuer, and such lists are often wrong.
 */
public final class OneKey extends X509ExtendedKeyManager {

  private static final String NAME = "own";

  private final Pem.Pair pair;

  public OneKey(Pem.Pair pair) {
    this.pair = pair;
  }

  private boolean fits(String keyType) {
    // A cipher suite may ask for EC_EC or EC_RSA, which name the issuer's key too.
    String own = pair.key().getAlgorithm();
    return keyType.equals(own)
        || keyType.startsWith(own + "_")
        || (own.equals("RSA") && keyType.equals("RSASSA-PSS"))
        || (own.equals("EdDSA") && (keyType.equals("Ed25519") || keyType.equals("Ed448")));
  }

  private @Nullable String first(String[] keyTypes) {
    for (String keyType : keyTypes) {
      if (fits(keyType)) {
        return NAME;
      }
    }
    return null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return fits(keyType) ? new String[] {NAME} : null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return first(keyTypes);
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return first(keyTypes);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return fits(keyType) ? new String[] {NAME} : null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return fits(keyType) ? NAME : null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return fits(keyType) ? NAME : null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return pair.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return pair.key();
  }
}
