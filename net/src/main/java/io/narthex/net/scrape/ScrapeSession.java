package io.narthex.net.scrape;

import io.narthex.net.connect.DialException;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.connect.Link;
import io.narthex.net.http2.Http2Connection;
import io.narthex.net.http2.Http2Exception;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The way to one target: a connection that is kept for the next time. Blocking, for a virtual
 * thread; one thread at a time.
 *
 * <p>A fetch is over at its deadline, whatever the peer does: connecting, shaking hands and each
 * read wait only for what is left. A connection that the peer has closed meanwhile, or on which it
 * takes no more requests, is opened anew, once, and the name is asked for again. Where a password,
 * a token or a certificate is refused, the files are looked at, and if there is another one by now
 * the page is asked for again: a renewal costs no scrape.
 */
public final class ScrapeSession implements AutoCloseable {

  private static final int MOST_REDIRECTS = 10;
  private static final long MOST_IDLE_NANOS = Duration.ofMinutes(5).toNanos();

  private static final byte[] NO_BODY = {};

  private final ScrapeClient client;
  private final HttpUrl url;
  private final @Nullable Path unixSocket;
  private final Duration timeout;
  private final long bodyLimit;

  /** The bytes of the last own request, good as long as the lines of the credentials are these. */
  private byte @Nullable [] request;

  private @Nullable String requestLines;
  private Form requestForm = Form.HTTP_1;
  private @Nullable Link kept;
  private int lastLength;

  /** How a request is written. */
  private enum Form {
    HTTP_1,
    HTTP_1_TO_PROXY,
    HTTP_2;

    static Form of(Link link) {
      return link.http2() != null ? HTTP_2 : link.isToProxy() ? HTTP_1_TO_PROXY : HTTP_1;
    }
  }

  ScrapeSession(
      ScrapeClient client,
      HttpUrl url,
      @Nullable Path unixSocket,
      Duration timeout,
      long bodyLimit) {
    this.client = client;
    this.url = url;
    this.unixSocket = unixSocket;
    this.timeout = timeout;
    this.bodyLimit = bodyLimit;
  }

  /** The URL that is fetched. */
  public HttpUrl url() {
    return url;
  }

  /**
   * Fetches the page.
   *
   * @return the body of an answer with status 200, to be closed by the caller
   * @throws ScrapeException if there is none within the time
   */
  public Body fetch() throws ScrapeException {
    long deadline = client.clock().nanos() + timeout.toNanos();
    try {
      return fetch(deadline);
    } catch (ScrapeException e) {
      if (!isRenewed(e)) {
        throw e;
      }
      return fetch(deadline);
    }
  }

  /** Whether what was refused has been replaced by now. */
  private boolean isRenewed(ScrapeException e) {
    String lines = requestLines;
    return switch (e.kind()) {
      case STATUS -> e.status() == 401 && lines != null && client.credentials().renew(lines);
      case TLS -> client.dialer().renew();
      case CONNECTION, DEADLINE, PROTOCOL, BODY_SIZE -> false;
    };
  }

  private Body fetch(long deadline) throws ScrapeException {
    HttpUrl next = url;
    try {
      for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
        Object answer = exchange(next, deadline);
        if (answer instanceof Body body) {
          return body;
        }
        next = redirect(next, (String) answer);
      }
      throw new ScrapeException(ScrapeException.Kind.PROTOCOL, "stopped after 10 redirects");
    } catch (BeforeAnswer e) {
      throw new ScrapeException(e.kind, "Get " + Quoted.go(next.text()) + ": " + e.getMessage());
    }
  }

  private HttpUrl redirect(HttpUrl from, String location) throws BeforeAnswer {
    try {
      return from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new BeforeAnswer(
          ScrapeException.Kind.PROTOCOL,
          "failed to parse Location header " + Quoted.go(location) + ": " + e.getMessage());
    }
  }

  /** A failure before the head of an answer was there: Go names method and URL in front of it. */
  private static final class BeforeAnswer extends Exception {
    private static final long serialVersionUID = 1;
    final ScrapeException.Kind kind;

    BeforeAnswer(ScrapeException.Kind kind, String message) {
      super(message, null, false, false);
      this.kind = kind;
    }

    BeforeAnswer(ScrapeException e) {
      this(e.kind(), String.valueOf(e.getMessage()));
    }
  }

  /** One request: the body, or the location of a redirect. */
  private Object exchange(HttpUrl to, long deadline) throws ScrapeException, BeforeAnswer {
    boolean own = to.sameOrigin(url);
    String lines = lines(to, deadline);
    Link link = own ? takeKept() : null;
    boolean reused = link != null;
    boolean repeated = false;
    while (true) {
      if (link == null) {
        link = connect(to, own, deadline);
      }
      boolean handedOn = false;
      try {
        link.deadline(deadline);
        int first = send(link, bytes(to, lines, link));
        if (first >= 0) {
          handedOn = true;
          return receive(link, first, own);
        }
        if (!reused) {
          throw new BeforeAnswer(kind(link, new EOFException()), "EOF");
        }
      } catch (SocketTimeoutException e) {
        throw new BeforeAnswer(ScrapeException.deadline());
      } catch (IOException e) {
        boolean unseen = e instanceof Http2Exception told ? told.isUnprocessed() : reused;
        if (!unseen || repeated || Thread.currentThread().isInterrupted()) {
          throw new BeforeAnswer(kind(link, e), link.describe(e));
        }
      } finally {
        if (!handedOn) {
          link.close();
        }
      }
      // The peer has closed the idle connection, or refused; it has not seen this request.
      reused = false;
      repeated = true;
      link = null;
    }
  }

  /**
   * A server tells only behind the handshake that it does not like our certificate, and its words
   * may be lost when it closes: any end of such a connection before an answer may mean that.
   */
  private static ScrapeException.Kind kind(Link link, IOException e) {
    if (e instanceof Http2Exception) {
      return ScrapeException.Kind.PROTOCOL;
    }
    return link.isTls() || e instanceof SSLException
        ? ScrapeException.Kind.TLS
        : ScrapeException.Kind.CONNECTION;
  }

  private Link connect(HttpUrl to, boolean own, long deadline) throws BeforeAnswer {
    try {
      return client.dialer().connect(to, own ? unixSocket : null, deadline);
    } catch (DialException e) {
      ScrapeException.Kind kind =
          switch (e.kind()) {
            case DEADLINE -> ScrapeException.Kind.DEADLINE;
            case TLS -> ScrapeException.Kind.TLS;
            case CONNECTION -> ScrapeException.Kind.CONNECTION;
          };
      throw new BeforeAnswer(kind, e.text());
    }
  }

  /** The credentials: not for another host, and not in the clear where TLS was asked for. */
  private String lines(HttpUrl to, long deadline) throws BeforeAnswer {
    if (!to.sameHost(url) || (url.isTls() && !to.isTls())) {
      return "";
    }
    try {
      return client.credentials().lines(deadline);
    } catch (SocketTimeoutException e) {
      throw new BeforeAnswer(ScrapeException.deadline());
    } catch (IOException e) {
      throw new BeforeAnswer(ScrapeException.Kind.CONNECTION, String.valueOf(e.getMessage()));
    }
  }

  @SuppressWarnings("ReferenceEquality") // Equal lines that are another object are merely rare.
  private byte[] bytes(HttpUrl to, String lines, Link link) {
    byte[] bytes = request;
    boolean own = to.equals(url);
    Form form = Form.of(link);
    boolean same = lines == requestLines && form == requestForm;
    if (own && bytes != null && same) {
      return bytes;
    }
    String head = client.request(to, timeout, lines, link);
    bytes =
        form == Form.HTTP_2
            ? Http2Connection.block(head)
            : head.getBytes(StandardCharsets.ISO_8859_1);
    if (own) {
      request = bytes;
      requestLines = lines;
      requestForm = form;
    }
    return bytes;
  }

  private @Nullable Link takeKept() {
    Link link = kept;
    kept = null;
    if (link == null) {
      return null;
    }
    boolean old = client.clock().nanos() - link.lastUsed() > MOST_IDLE_NANOS;
    if (old || client.dialer().isOutdated(link)) {
      link.close();
      return null;
    }
    return link;
  }

  /**
   * Sends a request and waits for the first byte of the answer, which is that of HTTP/1.1; -1 at
   * the end of the stream.
   */
  private static int send(Link link, byte[] bytes) throws IOException {
    Http2Connection http2 = link.http2();
    if (http2 != null) {
      http2.send(bytes, NO_BODY, false);
      http2.await();
      return 0;
    }
    link.out().write(bytes);
    return link.in().read();
  }

  /** Reads the answer, and then keeps the connection or closes it. */
  private Object receive(Link connection, int first, boolean own)
      throws ScrapeException, BeforeAnswer {
    BodyBuffers buffers = client.buffers();
    Framing framing = buffers.framing();
    boolean reusable = false;
    try {
      head(framing, connection, first);
      AnswerHead said = framing.head();
      String location = said.location();
      Object answer;
      if (client.followsRedirects() && location != null && isRedirect(said.status())) {
        framing.drain();
        answer = location;
      } else if (said.status() != 200) {
        String status = said.statusText();
        try {
          framing.drain();
          reusable = framing.isReusable();
        } catch (IOException | ScrapeException e) {
          reusable = false;
        }
        throw new ScrapeException(
            ScrapeException.Kind.STATUS, "server returned HTTP status " + status, said.status());
      } else {
        answer = body(framing);
      }
      reusable = framing.isReusable();
      return answer;
    } catch (SocketTimeoutException e) {
      throw ScrapeException.deadline();
    } catch (IOException e) {
      ScrapeException.Kind kind =
          e instanceof Http2Exception
              ? ScrapeException.Kind.PROTOCOL
              : ScrapeException.Kind.CONNECTION;
      throw new ScrapeException(kind, connection.describe(e));
    } finally {
      buffers.give(framing);
      if (reusable && own && connection.used(client.clock().nanos())) {
        kept = connection;
      } else {
        connection.close();
      }
    }
  }

  private static void head(Framing framing, Link connection, int first) throws BeforeAnswer {
    try {
      Http2Connection http2 = connection.http2();
      if (http2 != null) {
        framing.readHead(http2);
      } else {
        framing.readHead(connection.in(), first);
      }
    } catch (ScrapeException e) {
      throw new BeforeAnswer(e);
    } catch (SocketTimeoutException e) {
      throw new BeforeAnswer(ScrapeException.deadline());
    } catch (IOException e) {
      throw new BeforeAnswer(kind(connection, e), connection.describe(e));
    }
  }

  private Body body(Framing framing) throws IOException, ScrapeException {
    Body body = client.buffers().take(lastLength);
    boolean whole = false;
    try {
      framing.readBody(body, bodyLimit);
      body.contentType(framing.head().contentType());
      lastLength = body.length();
      whole = true;
      return body;
    } finally {
      if (!whole) {
        body.close();
      }
    }
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  @Override
  public void close() {
    Link connection = kept;
    kept = null;
    if (connection != null) {
      connection.close();
    }
  }
}
