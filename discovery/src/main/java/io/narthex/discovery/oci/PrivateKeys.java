package io.narthex.discovery.oci;

import io.narthex.net.secret.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Private keys as PEM, with a pass phrase or without: PKCS #8 (RFC 5958, encrypted as RFC 8018
 * says), and OpenSSL's older form, where a {@code DEK-Info} line names the cipher and the key comes
 * of the pass phrase by MD5 (OpenSSL's manual, {@code EVP_BytesToKey}).
 */
final class PrivateKeys {

  private static final String OLD = "DEK-Info:";
  private static final String NEEDED = "the key has a pass phrase, but none is configured";

  private PrivateKeys() {}

  /**
   * Reads a key.
   *
   * @param passphrase empty for a key that is not encrypted
   * @throws IOException if there is none, or the pass phrase does not open it
   */
  static PrivateKey read(byte[] pem, String passphrase) throws IOException {
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    try {
      String encrypted = block(text, "ENCRYPTED PRIVATE KEY");
      if (encrypted != null) {
        return decrypted(decoded(encrypted), passphrase);
      }
      String old = block(text, "RSA PRIVATE KEY");
      return old != null && old.contains(OLD) ? decryptedOld(old, passphrase) : Pem.key(pem);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("can not decrypt the private key: " + e.getMessage(), e);
    }
  }

  /** What stands between the lines of a label, or null. */
  private static @Nullable String block(String text, String label) {
    String begin = "-----BEGIN " + label + "-----";
    int from = text.indexOf(begin);
    int end = text.indexOf("-----END " + label + "-----", Math.max(from, 0));
    return from < 0 || end < 0 ? null : text.substring(from + begin.length(), end);
  }

  /** A body below a line that names the cipher and the vector that it was begun with. */
  private static PrivateKey decryptedOld(String block, String passphrase)
      throws IOException, GeneralSecurityException {
    int from = block.indexOf(OLD) + OLD.length();
    int line = block.indexOf('\n', from);
    int comma = block.indexOf(',', from);
    if (comma < 0 || line < comma) {
      throw new IllegalArgumentException("broken line " + OLD);
    }
    return decryptedOld(
        block.substring(from, comma).strip(),
        block.substring(comma + 1, line).strip(),
        decoded(block.substring(line)),
        passphrase);
  }

  private static byte[] decoded(String body) {
    return Base64.getDecoder().decode(body.replaceAll("\\s", ""));
  }

  private static PrivateKey rewrapped(String label, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    String pem = "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    return Pem.key(pem.getBytes(StandardCharsets.US_ASCII));
  }

  @SuppressWarnings("InsecureCryptoUsage") // The file says how it is encrypted.
  private static PrivateKey decrypted(byte[] der, String passphrase)
      throws IOException, GeneralSecurityException {
    if (passphrase.isEmpty()) {
      throw new IOException(NEEDED);
    }
    EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
    // The scheme PBES2 says only in its parameters which ciphers it is made of.
    String named = info.getAlgName();
    boolean isScheme = named.equals("PBES2") || named.equals("1.2.840.113549.1.5.13");
    String algorithm = isScheme ? info.getAlgParameters().toString() : named;
    PBEKeySpec spec = new PBEKeySpec(passphrase.toCharArray());
    try {
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(spec),
          info.getAlgParameters());
      return rewrapped("PRIVATE KEY", info.getKeySpec(cipher).getEncoded());
    } finally {
      spec.clearPassword();
    }
  }

  @SuppressWarnings("InsecureCryptoUsage") // The file says how it is encrypted.
  private static PrivateKey decryptedOld(
      String algorithm, String iv, byte[] body, String passphrase)
      throws IOException, GeneralSecurityException {
    if (passphrase.isEmpty()) {
      throw new IOException(NEEDED);
    }
    int length =
        switch (algorithm.toUpperCase(Locale.ROOT)) {
          case "AES-128-CBC" -> 16;
          case "AES-192-CBC", "DES-EDE3-CBC" -> 24;
          case "AES-256-CBC" -> 32;
          default -> throw new IOException("unknown encryption " + algorithm + " of the key");
        };
    byte[] vector = HexFormat.of().parseHex(iv);
    byte[] key = derived(passphrase, Arrays.copyOf(vector, 8), length);
    String name = algorithm.startsWith("AES") ? "AES" : "DESede";
    Cipher cipher = Cipher.getInstance(name + "/CBC/PKCS5Padding");
    cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, name), new IvParameterSpec(vector));
    return rewrapped("RSA PRIVATE KEY", cipher.doFinal(body));
  }

  private static byte[] derived(String passphrase, byte[] salt, int length)
      throws GeneralSecurityException {
    MessageDigest md5 = MessageDigest.getInstance("MD5");
    byte[] key = new byte[length];
    byte[] last = new byte[0];
    for (int at = 0; at < length; at += last.length) {
      md5.update(last);
      md5.update(passphrase.getBytes(StandardCharsets.UTF_8));
      last = md5.digest(salt);
      System.arraycopy(last, 0, key, at, Math.min(last.length, length - at));
    }
    return key;
  }
}
