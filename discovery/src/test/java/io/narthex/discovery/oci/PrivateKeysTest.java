package io.narthex.discovery.oci;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Tokens;
import java.security.AlgorithmParameters;
import java.security.KeyPair;
import java.security.interfaces.RSAPrivateKey;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys with a pass phrase; the older ones were made for this test by OpenSSL. */
final class PrivateKeysTest {

  private static final KeyPair KEYS = Tokens.rsaKeys();

  private static final List<String> OLD =
      List.of(
          """
          -----BEGIN RSA PRIVATE KEY-----
          Proc-Type: 4,ENCRYPTED
          DEK-Info: AES-256-CBC,50346DF65401113059080ED1AC9E44C6

          tT7ul+7K6J2OPc/w59rKivoHalZ0GzeGPzhi3tsqrCnMon5iWlHNILwnVdCOcQsj
          3aZfzUOu4fNrOLncT3UnN0+97vGz2DAun0K2DzYp4bhO4jLVsk1poFVisnp44g3/
          1jWNZQBqpIJ0Vh/xXJpqa5fkD+OV4pF0SWGZ8dl5khDH/9PpPaEZad/ph8sPRBn1
          Mys5+2Cazql/zFqwc2BxBdU4pTLea5j6xdBBnXfJbi/CtMwL9bm5e0UJB4yoKub2
          zzDZ6/qyu0/Nv7i+JhYOuR8wcZl8WRttL8C3uBexHk0t18LHa6h72VVHXpdoircL
          i4GzOXrkJR6+QtBBZWtVv6rXDij8JFsnQ6pHnA2HTE6zDLsCAoR4H3o6L9nQZvRI
          GWfjrMRgGmtKFrtbUOL4g4tGFB55noh6cz/cV7UZDNATRD66RiBVx9voaAPLDFpf
          Qeau8mNzBHca0mjJNZw/B1K/8Lwcaahn0k+zou1FiJPy9hH6yOS0GC+vqvKz43n9
          xo7XHvMJg+bITGpNlCqcWmbcFgQzsGsLyPFUpLv3Yf3t5hFLoxLXO0BFzPz2a1B8
          nzHyYFyFKu60SjX9+S1Xq2yg0FZXPgVcUNquUdG7UUQDXwxnur5ZJ5UplAcaP616
          6D1+ijGuBlysQEvjaDsBK2rkNK1eC8E7yxhh0g3tDb0sYDtGrCUtDqsKayIxSJVg
          j2fwCxzQmX9v3dldDKhP915DzZaKU94KmWk7IKyQV1HIxzE0TOZksVrXA8y1vo1u
          04EXzK/r2zZlZeLfPhzEzVURkMrYANHESAJztQfDX5bI3pBdbVGmcNVrkJVX7w8d
          -----END RSA PRIVATE KEY-----
          """,
          """
          -----BEGIN RSA PRIVATE KEY-----
          Proc-Type: 4,ENCRYPTED
          DEK-Info: DES-EDE3-CBC,51C926AFBAF3CDCB

          GWTSI/XHUZHwfKr640EYhmomMkpbkhzBCT8bsvN7Y3xq13hz43D/b3u+JioJoXy/
          eE5QI+00r2DxoSODIy/P2eQUsoK4I2H+GkQkthAXGyqSWkCLXkXR9oEWk4aIXPMH
          WmWGmdqhq6kDUsA1fasQweTcxTNwqzWmAQW9Kd9pt8w/CTf95zxMr7r6zkrVaoKQ
          BCaE5/lGcS/hVbFl3upcZvlLAcZn+qnWqKfjguiDemNJt6meoJTjBsUkhOIVnieb
          b4UPymwx9xv0dsPTfhVO9GlAskIQYoNiPue5X2Ixqy2P47qmq+h3u3oKioA4+8lv
          kXW2mv7xC3PH0cJ/3QtWbRzzK78V55b7N6as+s2oxR2RECSS/7GzxauPM02PONqv
          Pym9bp40LvbIa8UkIieMkMq1G9OBbc3oOQSUYhmTLYIXXvXQcbL8Vh3o3iYG0TLO
          9fWSpKHOK6s1FFxJA8k4kGr/EAm4Y8GxTaFbPjGiZwtmrgz3xQzOk3swLZAgxp2V
          Iri8LH3Iqak6foe1JK/lhtRicdBXT5XMA5en8k6659l7TnVyH78vH7EAgQuwSCUO
          2mVn+KOPklLdkY2vZZSbjEcfd4IDN8LxGNX6kyFkpcPYYHy253U2OYRK3lOsVNf3
          aSdSZw44NL1q/skJteypL8jfHARKMyERi3uGJiE6a4LdjflWtXhquS2HIfhKzpKp
          ys9wXa6M10roQN6YjHgS17GSsTp1f3EkLnr6omg04bWK0PvcofHuqUZX+LgVBem+
          kx2IYpWpWoFXkev7JT5DUPDMW6zg3ChgFBsOodU50G0=
          -----END RSA PRIVATE KEY-----
          """);

  /** How their moduli begin. */
  private static final List<String> MODULI =
      List.of("b2a55fa57b48da7209886005", "c326d26cdf1f5f5702fcd153");

  @Test
  void openedByOpenSslsPassPhrase() throws Exception {
    for (int i = 0; i < OLD.size(); i++) {
      String pem = OLD.get(i);
      RSAPrivateKey key = (RSAPrivateKey) PrivateKeys.read(pem.getBytes(US_ASCII), "secret");
      assertThat(key.getModulus().toString(16)).startsWith(MODULI.get(i));
      assertThatThrownBy(() -> PrivateKeys.read(pem.getBytes(US_ASCII), "wrong"))
          .isInstanceOf(java.io.IOException.class);
      assertThatThrownBy(() -> PrivateKeys.read(pem.getBytes(US_ASCII), ""))
          .hasMessage("the key has a pass phrase, but none is configured");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PBEWithHmacSHA256AndAES_256",
        "PBEWithHmacSHA1AndAES_128",
        "PBEWithSHA1AndDESede"
      })
  @SuppressWarnings("InsecureCryptoUsage") // As such files are found.
  void openedByThePassPhraseOfPkcs8(String algorithm) throws Exception {
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(
        Cipher.ENCRYPT_MODE,
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec("secret".toCharArray())));
    byte[] closed = cipher.doFinal(KEYS.getPrivate().getEncoded());
    AlgorithmParameters parameters = cipher.getParameters();
    if (algorithm.contains("Hmac")) {
      parameters = AlgorithmParameters.getInstance("PBES2");
      parameters.init(cipher.getParameters().getEncoded());
    }
    String pem =
        Tokens.pem(
            "ENCRYPTED PRIVATE KEY", new EncryptedPrivateKeyInfo(parameters, closed).getEncoded());
    assertThat(PrivateKeys.read(pem.getBytes(US_ASCII), "secret")).isEqualTo(KEYS.getPrivate());
    assertThatThrownBy(() -> PrivateKeys.read(pem.getBytes(US_ASCII), "wrong"))
        .hasMessageStartingWith("can not decrypt the private key: ");
    assertThatThrownBy(() -> PrivateKeys.read(pem.getBytes(US_ASCII), ""))
        .hasMessage("the key has a pass phrase, but none is configured");
  }

  @Test
  void openWithoutAPassPhrase() throws Exception {
    String pem = Tokens.pem(KEYS.getPrivate()) + "OCI_API_KEY\n";
    assertThat(PrivateKeys.read(pem.getBytes(US_ASCII), "")).isEqualTo(KEYS.getPrivate());
    assertThat(PrivateKeys.read(pem.getBytes(US_ASCII), "unused")).isEqualTo(KEYS.getPrivate());
    assertThatThrownBy(() -> PrivateKeys.read("nothing".getBytes(US_ASCII), ""))
        .hasMessageContaining("failed to find any PEM data");
  }
}
