package io.narthex.net.secret;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Certificates and keys as PEM texts (RFC 7468). Keys may be PKCS #8 ({@code PRIVATE KEY}), PKCS #1
 * ({@code RSA PRIVATE KEY}) or SEC 1 ({@code EC PRIVATE KEY}); the last two are wrapped into the
 * first, which is all that the JDK reads. By hand because the JDK's own reader is not final yet.
 */
public final class Pem {

  /** DER of the identifier of RSA keys, with the null that stands for its parameters. */
  private static final byte[] RSA = {
    0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
  };

  /** DER of the identifier of elliptic curve keys, without the curve. */
  private static final byte[] EC = {
    0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
  };

  private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

  private Pem() {}

  /** A chain of certificates, the own one first, and its key. */
  public record Pair(List<X509Certificate> chain, PrivateKey key) {
    public Pair {
      chain = List.copyOf(chain);
    }
  }

  private record Block(String label, byte[] der) {}

  private static List<Block> blocks(byte[] pem) throws IOException {
    List<Block> blocks = new ArrayList<>();
    String label = null;
    StringBuilder body = new StringBuilder();
    for (String line : new String(pem, StandardCharsets.ISO_8859_1).lines().toList()) {
      String text = line.strip();
      if (label == null) {
        if (text.startsWith("-----BEGIN ") && text.endsWith("-----")) {
          label = text.substring("-----BEGIN ".length(), text.length() - 5);
          body.setLength(0);
        }
      } else if (text.equals("-----END " + label + "-----")) {
        try {
          blocks.add(new Block(label, Base64.getDecoder().decode(body.toString())));
        } catch (IllegalArgumentException e) {
          throw new IOException("tls: failed to decode the PEM block " + label, e);
        }
        label = null;
      } else if (text.indexOf(':') < 0) {
        body.append(text);
      }
    }
    return blocks;
  }

  /** All certificates in a text; none is an empty list. */
  public static List<X509Certificate> certificates(byte[] pem) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Block block : blocks(pem)) {
        if (block.label.equals("CERTIFICATE")) {
          Certificate one = factory.generateCertificate(new ByteArrayInputStream(block.der));
          certificates.add((X509Certificate) one);
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("x509: malformed certificate: " + e.getMessage(), e);
    }
    return certificates;
  }

  /** A store with these authorities, for a trust manager. */
  public static KeyStore authorities(List<X509Certificate> certificates)
      throws IOException, GeneralSecurityException {
    KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
    authorities.load(null, null);
    int n = 0;
    for (X509Certificate certificate : certificates) {
      authorities.setCertificateEntry("ca-" + n++, certificate);
    }
    return authorities;
  }

  /**
   * A certificate and its key.
   *
   * @throws IOException if one is missing, or they do not belong together
   */
  public static Pair pair(byte[] certificates, byte[] key) throws IOException {
    List<X509Certificate> chain = certificates(certificates);
    if (chain.isEmpty()) {
      throw new IOException("tls: failed to find any PEM data in certificate input");
    }
    PrivateKey own = key(key);
    if (!belong(chain.getFirst().getPublicKey(), own)) {
      throw new IOException("tls: private key does not match public key");
    }
    return new Pair(chain, own);
  }

  /**
   * The private key in a text.
   *
   * @throws IOException if there is none that can be read
   */
  public static PrivateKey key(byte[] pem) throws IOException {
    for (Block block : blocks(pem)) {
      byte[] der =
          switch (block.label) {
            case "PRIVATE KEY" -> block.der;
            case "RSA PRIVATE KEY" -> wrapped(RSA, block.der);
            case "EC PRIVATE KEY" -> wrapped(der(0x30, EC, curve(block.der)), block.der);
            case "ENCRYPTED PRIVATE KEY" ->
                throw new IOException("tls: keys with a pass phrase are not supported");
            default -> null;
          };
      if (der != null) {
        return pkcs8(der);
      }
    }
    throw new IOException("tls: failed to find any PEM data in key input");
  }

  private static PrivateKey pkcs8(byte[] der) throws IOException {
    for (String algorithm : List.of("EC", "RSA", "EdDSA", "RSASSA-PSS")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // A key of another algorithm.
        continue;
      } catch (GeneralSecurityException e) {
        throw new IOException("tls: failed to parse private key: " + e.getMessage(), e);
      }
    }
    throw new IOException("tls: failed to parse private key");
  }

  private static byte[] wrapped(byte[] algorithm, byte[] key) {
    return der(0x30, VERSION_0, algorithm, der(0x04, key));
  }

  /** One element of DER with the given tag, around the parts. */
  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream inside = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      inside.writeBytes(part);
    }
    int length = inside.size();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) {
      out.write(0x81);
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    }
    out.writeBytes(inside.toByteArray());
    return out.toByteArray();
  }

  /** The curve, element [0] of an {@code ECPrivateKey} (RFC 5915), with its own tag and length. */
  private static byte[] curve(byte[] sec1) throws IOException {
    int at = sec1.length > 2 && (sec1[1] & 0x80) != 0 ? 2 + (sec1[1] & 0x7f) : 2;
    while (at + 2 < sec1.length) {
      int length = sec1[at + 1] & 0xff;
      int from = at + 2;
      if (length >= 0x80) {
        break;
      }
      if ((sec1[at] & 0xff) == 0xa0 && from + length <= sec1.length) {
        byte[] curve = new byte[length];
        System.arraycopy(sec1, from, curve, 0, length);
        return curve;
      }
      at = from + length;
    }
    throw new IOException("tls: the EC key does not name its curve");
  }

  private static boolean belong(PublicKey open, PrivateKey secret) {
    String algorithm = signature(secret.getAlgorithm());
    if (algorithm == null) {
      return true;
    }
    try {
      byte[] text = {1, 2, 3};
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(secret);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(open);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      // Keys of two kinds.
      return false;
    }
  }

  private static @Nullable String signature(String algorithm) {
    return switch (algorithm) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      case "EdDSA" -> "EdDSA";
      default -> null;
    };
  }
}
