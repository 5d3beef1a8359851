package io.narthex.testkit;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/**
 * An authority that issues certificates (RFC 5280) for tests, as PEM: elliptic curve keys, valid
 * from yesterday to tomorrow. Written out byte by byte, because the JDK has no open door to issue
 * certificates and its keytool takes a second for each.
 */
public final class TestAuthority {

  private static final byte[] ECDSA_SHA256 = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2);
  private static final byte[] COMMON_NAME = oid(0x55, 4, 3);
  private static final byte[] BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
  private static final byte[] ALTERNATIVE_NAMES = oid(0x55, 0x1d, 0x11);
  private static final byte[] TRUE = {1, 1, (byte) 0xff};
  private static final DateTimeFormatter UTC_TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String name;
  private final KeyPair keys = newKeys();
  private final String certificate;

  /** A certificate and its key (PKCS #8), both PEM. */
  public record Issued(String certificate, String key) {}

  /**
   * @param name of the authority; two that are to be told apart need two names
   */
  public TestAuthority(String name) {
    this.name = name;
    byte[] isAuthority = extension(BASIC_CONSTRAINTS, true, der(0x30, TRUE));
    this.certificate =
        pem("CERTIFICATE", certificate(name, keys, name, keys.getPrivate(), isAuthority));
  }

  /** The authority's own certificate. */
  public String certificate() {
    return certificate;
  }

  /**
   * Issues a certificate.
   *
   * @param subject its common name
   * @param names host names and addresses that it is good for
   */
  public Issued issue(String subject, String... names) {
    KeyPair own = newKeys();
    byte[][] all = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      all[i] = alternative(names[i]);
    }
    byte[] alternatives =
        names.length == 0
            ? new byte[0]
            : extension(ALTERNATIVE_NAMES, false, der(0x30, all));
    byte[] der = certificate(subject, own, name, keys.getPrivate(), alternatives);
    return new Issued(
        pem("CERTIFICATE", der), pem("PRIVATE KEY", own.getPrivate().getEncoded()));
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] alternative(String name) {
    boolean address = name.indexOf(':') >= 0 || name.chars().allMatch(c -> c == '.' || c <= '9');
    try {
      return address
          ? der(0x87, InetAddress.getByName(name).getAddress())
          : der(0x82, name.getBytes(StandardCharsets.US_ASCII));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  private static byte[] certificate(
      String subject, KeyPair own, String issuer, PrivateKey signer, byte[] extensions) {
    byte[] algorithm = der(0x30, ECDSA_SHA256);
    byte[] serial =
        BigInteger.valueOf(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE)).toByteArray();
    Instant now = Instant.now();
    byte[] validity = der(0x30, time(now.minusSeconds(86_400)), time(now.plusSeconds(86_400)));
    byte[] body =
        der(
            0x30,
            der(0xa0, new byte[] {2, 1, 2}),
            der(0x02, serial),
            algorithm,
            name(issuer),
            validity,
            name(subject),
            own.getPublic().getEncoded(),
            extensions.length == 0 ? extensions : der(0xa3, der(0x30, extensions)));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(signer);
      signature.update(body);
      return der(0x30, body, algorithm, der(0x03, new byte[] {0}, signature.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] time(Instant at) {
    return der(0x17, UTC_TIME.format(at).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] name(String common) {
    byte[] text = der(0x0c, common.getBytes(StandardCharsets.UTF_8));
    return der(0x30, der(0x31, der(0x30, COMMON_NAME, text)));
  }

  private static byte[] extension(byte[] id, boolean critical, byte[] value) {
    return der(0x30, id, critical ? TRUE : new byte[0], der(0x04, value));
  }

  private static byte[] oid(int... bytes) {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return der(0x06, content);
  }

  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream inside = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      inside.writeBytes(part);
    }
    int length = inside.size();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (length >= 0x100) {
      out.write(0x82);
      out.write(length >> 8);
    } else if (length >= 0x80) {
      out.write(0x81);
    }
    out.write(length);
    out.writeBytes(inside.toByteArray());
    return out.toByteArray();
  }

  private static String pem(String label, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }
}
