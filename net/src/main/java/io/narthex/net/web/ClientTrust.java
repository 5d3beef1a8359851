package io.narthex.net.web;

import io.narthex.net.secret.Pem;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Which clients are let in: by their authority, by their names, by both, or whoever shows one. */
final class ClientTrust extends X509ExtendedTrustManager {

  private final @Nullable X509ExtendedTrustManager authorities;
  private final @Nullable List<String> names;

  private ClientTrust(
      @Nullable X509ExtendedTrustManager authorities, @Nullable List<String> names) {
    this.authorities = authorities;
    this.names = names;
  }

  static ClientTrust of(ServerTlsConfig config, List<X509Certificate> authorities)
      throws IOException, GeneralSecurityException {
    return new ClientTrust(
        config.verifies() ? trust(authorities) : null, config.clientSans());
  }

  /** Without authorities of the operator's choice, the machine's. */
  private static X509ExtendedTrustManager trust(List<X509Certificate> authorities)
      throws IOException, GeneralSecurityException {
    KeyStore store = authorities.isEmpty() ? null : Pem.authorities(authorities);
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return extended;
      }
    }
    throw new GeneralSecurityException("no trust manager for X.509");
  }

  private void checkName(X509Certificate own) throws CertificateException {
    List<String> allowed = names;
    if (allowed == null) {
      return;
    }
    Collection<List<?>> all = own.getSubjectAlternativeNames();
    List<String> found = new ArrayList<>();
    if (all != null) {
      for (List<?> name : all) {
        // Mail, host, URI, address: those that are texts.
        if (name.get(1) instanceof String text) {
          found.add(text);
        }
      }
    }
    if (found.stream().noneMatch(allowed::contains)) {
      throw new CertificateException(
          "could not find allowed SANs in client cert, found: " + allowed);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type)
      throws CertificateException {
    if (authorities != null) {
      authorities.checkClientTrusted(chain, type);
    }
    checkName(chain[0]);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    if (authorities != null) {
      authorities.checkClientTrusted(chain, type, socket);
    }
    checkName(chain[0]);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    if (authorities != null) {
      authorities.checkClientTrusted(chain, type, engine);
    }
    checkName(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type)
      throws CertificateException {
    throw new CertificateException("a server asks for no server's certificate");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities == null ? new X509Certificate[0] : authorities.getAcceptedIssuers();
  }
}
