package io.narthex.net.request;

import io.narthex.base.text.GoQuote;
import io.narthex.base.time.Clock;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.connect.DialException;
import io.narthex.net.connect.Dialer;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.connect.Link;
import io.narthex.net.connect.Resolver;
import io.narthex.net.http2.Http2Connection;
import io.narthex.net.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests as one configuration says, and keeps connections for the next ones. Blocking, for
 * virtual threads, where an interrupt ends a request; thread-safe. HTTP/1.1, or HTTP/2 where TLS
 * has agreed on it; a connection has one request at a time either way.
 *
 * <p>A password, key or certificate that was renewed is taken into use within a quarter of a
 * second; if the server refuses the old one before, the files are looked at and the request is sent
 * once more.
 */
public final class HttpClient implements AutoCloseable {

  private static final int MOST_REDIRECTS = 10;
  private static final int MOST_IDLE = 16;
  private static final long IDLE_NANOS = Duration.ofMinutes(5).toNanos();

  /**
   * The longest idle time after which a request that must not be sent twice is entrusted to a kept
   * connection: servers close idle ones after five seconds and more.
   */
  private static final long FRESH_NANOS = Duration.ofSeconds(4).toNanos();

  private static final long DRAIN_NANOS = Duration.ofMillis(50).toNanos();
  private static final String DEADLINE = "context deadline exceeded";

  private final HttpClientConfig config;
  private final String userAgent;
  private final Clock clock;
  private final Dialer dialer;
  private final Credentials credentials;

  // Guarded by itself.
  private final Map<String, Deque<Link>> idle = new HashMap<>();
  private boolean closed;

  /**
   * Makes a client ready, with the machine's clock, names and environment.
   *
   * @throws IOException if a certificate, a key or a password cannot be read
   * @throws IllegalArgumentException if the proxy is no URL
   */
  public HttpClient(HttpClientConfig config, String userAgent) throws IOException {
    this(config, userAgent, Resolver.system(), Clock.SYSTEM, System.getenv());
  }

  /** The same with all that comes from outside. */
  public HttpClient(
      HttpClientConfig config,
      String userAgent,
      Resolver resolver,
      Clock clock,
      Map<String, String> environment)
      throws IOException {
    this.config = config;
    this.userAgent = userAgent;
    this.clock = clock;
    this.dialer =
        new Dialer(
            config.tls(), config.proxy(), config.enableHttp2(), environment, resolver, clock);
    this.credentials = new Credentials(config, userAgent, resolver, clock, environment);
  }

  /**
   * Sends a request and reads the whole answer, whatever its status.
   *
   * @throws HttpFailure if there is none within the time and the limit
   */
  public Reply send(Request request) throws HttpFailure {
    try (Exchange exchange = open(request)) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      byte[] chunk = new byte[8192];
      InputStream in = exchange.body();
      try {
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
          body.write(chunk, 0, n);
          if (body.size() > request.limit()) {
            throw new HttpFailure(
                HttpFailure.Kind.SIZE,
                named(request)
                    + "the answer is longer than the limit of "
                    + request.limit()
                    + " bytes");
          }
        }
      } catch (HttpFailure e) {
        throw e;
      } catch (SocketTimeoutException e) {
        throw new HttpFailure(HttpFailure.Kind.DEADLINE, named(request) + DEADLINE);
      } catch (IOException e) {
        throw new HttpFailure(kind(e), named(request) + exchange.describe(e));
      }
      return new Reply(
          exchange.status(), exchange.reason(), exchange.headers(), body.toByteArray());
    }
  }

  /**
   * Sends a request and reads the head of the answer; redirects have been followed.
   *
   * @return the answer, to be closed by the caller; its limit is not checked
   */
  public Exchange open(Request request) throws HttpFailure {
    long deadline = clock.nanos() + request.timeout().toNanos();
    Request next = request;
    boolean renewed = false;
    for (int redirects = 0; redirects <= MOST_REDIRECTS; ) {
      boolean own = next.url().sameHost(request.url()) && !isDowngrade(request.url(), next.url());
      String lines = own ? lines(next, deadline) : "";
      Exchange exchange;
      try {
        exchange = exchange(next, lines, deadline);
      } catch (Refused e) {
        if (!renewed && dialer.renew()) {
          renewed = true;
          continue;
        }
        throw e.failure;
      }
      boolean kept = false;
      try {
        String location = exchange.headers().first("Location");
        if (exchange.status() == 401 && own && !renewed && credentials.renew(lines)) {
          renewed = true;
        } else if (config.followRedirects()
            && location != null
            && isRedirect(exchange.status(), next)) {
          HttpUrl to = redirect(next, location);
          boolean stays = to.sameHost(request.url()) && !isDowngrade(request.url(), to);
          next = next.redirected(to, exchange.status(), stays);
          redirects++;
        } else {
          kept = true;
          return exchange;
        }
      } finally {
        if (!kept) {
          exchange.close();
        }
      }
    }
    throw new HttpFailure(HttpFailure.Kind.PROTOCOL, named(next) + "stopped after 10 redirects");
  }

  private static HttpFailure.Kind kind(IOException e) {
    return e instanceof Http2Exception ? HttpFailure.Kind.PROTOCOL : HttpFailure.Kind.CONNECTION;
  }

  private static boolean isDowngrade(HttpUrl from, HttpUrl to) {
    return from.isTls() && !to.isTls();
  }

  private static boolean isRedirect(int status, Request request) {
    return switch (status) {
      case 301, 302, 303 -> true;
      case 307, 308 -> !request.method().isEmpty();
      default -> false;
    };
  }

  private static HttpUrl redirect(Request from, String location) throws HttpFailure {
    try {
      return from.url().resolve(location);
    } catch (IllegalArgumentException e) {
      throw new HttpFailure(
          HttpFailure.Kind.PROTOCOL,
          named(from)
              + "failed to parse Location header "
              + GoQuote.quote(location)
              + ": "
              + e.getMessage());
    }
  }

  private String lines(Request request, long deadline) throws HttpFailure {
    try {
      String lines = credentials.lines(deadline);
      return request.has("Authorization") ? Credentials.withoutAuthorization(lines) : lines;
    } catch (IOException e) {
      throw new HttpFailure(HttpFailure.Kind.CREDENTIALS, named(request) + e.getMessage());
    }
  }

  /** TLS was refused, perhaps: other certificates may help. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    final HttpFailure failure;

    Refused(HttpFailure failure) {
      super(failure);
      this.failure = failure;
    }
  }

  private Exchange exchange(Request request, String lines, long deadline)
      throws HttpFailure, Refused {
    String key = key(request);
    Link link = takeIdle(key, request.repeatable());
    boolean reused = link != null;
    boolean repeated = false;
    while (true) {
      if (link == null) {
        link = dial(request, deadline);
      }
      boolean handedOn = false;
      try {
        link.deadline(deadline);
        Answer answer = send(link, request, lines);
        if (answer.readHead()) {
          Exchange exchange =
              new Exchange(
                  this, key, link, answer, request.method(), !request.has("Accept-Encoding"));
          handedOn = true;
          return exchange;
        }
        if (!(reused && request.repeatable())) {
          HttpFailure ended = new HttpFailure(HttpFailure.Kind.CONNECTION, named(request) + "EOF");
          if (link.isTls() && !reused) {
            throw new Refused(ended);
          }
          throw ended;
        }
      } catch (HttpFailure e) {
        String message = String.valueOf(e.getMessage());
        throw message.startsWith(named(request))
            ? e
            : new HttpFailure(e.kind(), named(request) + message);
      } catch (SocketTimeoutException e) {
        throw new HttpFailure(HttpFailure.Kind.DEADLINE, named(request) + DEADLINE);
      } catch (Http2Exception e) {
        if (!e.isUnprocessed() || repeated) {
          throw new HttpFailure(HttpFailure.Kind.PROTOCOL, named(request) + e.getMessage());
        }
      } catch (IOException e) {
        boolean again = reused && request.repeatable();
        if (!again || Thread.currentThread().isInterrupted()) {
          HttpFailure failure =
              new HttpFailure(HttpFailure.Kind.CONNECTION, named(request) + link.describe(e));
          // A server that does not like our certificate may close before it is heard.
          if (link.isTls() && !reused) {
            throw new Refused(failure);
          }
          throw failure;
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

  private Link dial(Request request, long deadline) throws HttpFailure, Refused {
    try {
      return dialer.connect(request.url(), request.unixSocket(), deadline);
    } catch (DialException e) {
      String message = named(request) + e.text();
      switch (e.kind()) {
        case DEADLINE -> throw new HttpFailure(HttpFailure.Kind.DEADLINE, message);
        case CONNECTION -> throw new HttpFailure(HttpFailure.Kind.CONNECTION, message);
        case TLS -> throw new Refused(new HttpFailure(HttpFailure.Kind.CONNECTION, message));
      }
      throw new IllegalStateException("a kind of failure without a case", e);
    }
  }

  private Answer send(Link link, Request request, String lines) throws IOException {
    String head = RequestHead.text(request, userAgent, lines, link);
    Http2Connection http2 = link.http2();
    if (http2 != null) {
      boolean noBody = request.method().equals("HEAD");
      http2.send(Http2Connection.block(head), request.body(), noBody);
      return new Http2Answer(http2);
    }
    byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = new byte[start.length + request.body().length];
    System.arraycopy(start, 0, all, 0, start.length);
    System.arraycopy(request.body(), 0, all, start.length, request.body().length);
    link.out().write(all);
    link.out().flush();
    return new AnswerReader(link.in());
  }

  /** Method and URL in front of a message, as Go puts them. */
  private static String named(Request request) {
    String method = request.method();
    String shown =
        method.isEmpty()
            ? ""
            : method.charAt(0) + method.substring(1).toLowerCase(java.util.Locale.ROOT);
    return shown + " " + GoQuote.quote(request.url().text()) + ": ";
  }

  private static String key(Request request) {
    HttpUrl url = request.url();
    String unix = request.unixSocket() == null ? "" : " " + request.unixSocket();
    return url.scheme() + "://" + url.host() + ":" + url.port() + unix;
  }

  private @Nullable Link takeIdle(String key, boolean repeatable) {
    long most = repeatable ? IDLE_NANOS : FRESH_NANOS;
    List<Link> useless = new ArrayList<>();
    Link found = null;
    synchronized (idle) {
      Deque<Link> links = idle.get(key);
      while (found == null && links != null && !links.isEmpty()) {
        Link link = links.removeLast();
        if (clock.nanos() - link.lastUsed() < most && !dialer.isOutdated(link)) {
          found = link;
        } else {
          useless.add(link);
        }
      }
    }
    useless.forEach(Link::close);
    return found;
  }

  /** A body that nobody wants is waited for only so long. */
  void hurry(Link link) {
    link.deadline(clock.nanos() + DRAIN_NANOS);
  }

  void giveBack(String key, Link link) {
    long now = clock.nanos();
    List<Link> useless = new ArrayList<>();
    boolean usable = link.used(now);
    synchronized (idle) {
      for (Iterator<Deque<Link>> all = idle.values().iterator(); all.hasNext(); ) {
        Deque<Link> links = all.next();
        while (!links.isEmpty() && now - links.getFirst().lastUsed() > IDLE_NANOS) {
          useless.add(links.removeFirst());
        }
        if (links.isEmpty()) {
          all.remove();
        }
      }
      Deque<Link> links = idle.computeIfAbsent(key, k -> new ArrayDeque<>());
      if (closed || !usable || links.size() >= MOST_IDLE) {
        useless.add(link);
      } else {
        links.addLast(link);
      }
    }
    useless.forEach(Link::close);
  }

  /** Ends the kept connections; those in use end with their exchange. */
  @Override
  public void close() {
    List<Link> links = new ArrayList<>();
    synchronized (idle) {
      closed = true;
      idle.values().forEach(links::addAll);
      idle.clear();
    }
    links.forEach(Link::close);
    credentials.close();
  }
}
