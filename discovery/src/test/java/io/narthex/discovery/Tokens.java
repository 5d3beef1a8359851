package io.narthex.discovery;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;

/** Keys and signed tokens of tests. */
public final class Tokens {

  private Tokens() {}

  /** A pair of RSA keys, small and soon made. */
  public static KeyPair rsaKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(1024);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** PKCS #8 as PEM. */
  public static String pem(PrivateKey key) {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  /** Anything as PEM. */
  public static String pem(String label, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }

  /** A part of a token, decoded: 0 is the header, 1 the claims. */
  public static String part(String jwt, int index) {
    return new String(
        Base64.getUrlDecoder().decode(jwt.split("\\.", -1)[index]), StandardCharsets.UTF_8);
  }

  /** Whether a token is signed with a key. */
  public static boolean isSigned(String jwt, String algorithm, PublicKey key) {
    int dot = jwt.lastIndexOf('.');
    return isSigned(
        jwt.substring(0, dot),
        Base64.getUrlDecoder().decode(jwt.substring(dot + 1)),
        algorithm,
        key);
  }

  /** Whether a text is signed with a key. */
  public static boolean isSigned(String text, byte[] signed, String algorithm, PublicKey key) {
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initVerify(key);
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A token that nobody checks, good until the end of the century. */
  public static String unsigned() {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString("{\"alg\":\"RS512\"}".getBytes(StandardCharsets.UTF_8))
        + "."
        + encoder.encodeToString("{\"exp\":4102444800}".getBytes(StandardCharsets.UTF_8))
        + ".c2lnbmVk";
  }
}
