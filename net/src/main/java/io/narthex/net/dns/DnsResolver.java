package io.narthex.net.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks names up at the servers of a {@code resolv.conf}, which is read again each time. A name
 * that is not whole is tried with each end of the search list, and each of these at one server
 * after the other until one says what it knows: records, that there are none of this type, or that
 * there is no such name. What a server cannot say (a failure, a refusal, silence) is left to the
 * next. Thread-safe.
 */
public final class DnsResolver {

  private static final Logger LOG = LoggerFactory.getLogger(DnsResolver.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final Path resolvConf;
  private final int port;
  private final DnsClient client = new DnsClient(TIMEOUT);

  /**
   * Makes it ready.
   *
   * @param resolvConf names the servers
   * @param port where they listen
   */
  public DnsResolver(Path resolvConf, int port) {
    this.resolvConf = resolvConf;
    this.port = port;
  }

  /** The one that this machine is configured with. */
  public static DnsResolver system() {
    return new DnsResolver(Path.of("/etc/resolv.conf"), 53);
  }

  /**
   * The records of a name, aliases among them; none if every server asked is sure that there are
   * none.
   *
   * @throws IOException if that cannot be found out: no server could say, for one of the names that
   *     it may be, or the thread was told to stop
   */
  public List<DnsRecord> lookup(String name, RecordType type) throws IOException {
    ResolvConf conf = ResolvConf.read(resolvConf);
    boolean sure = true;
    for (String whole : conf.names(name)) {
      DnsReply reply = askAny(conf, whole, type);
      if (reply.code() == DnsReply.SUCCESS) {
        return reply.answers();
      }
      sure &= reply.code() == DnsReply.NO_SUCH_NAME;
    }
    if (!sure) {
      throw new IOException(
          "could not resolve \""
              + name
              + "\": all servers responded with errors to at least one search domain");
    }
    return List.of();
  }

  /** The first answer that says something, or the last code that does not. */
  private DnsReply askAny(ResolvConf conf, String name, RecordType type) {
    DnsReply none = new DnsReply(DnsReply.SERVER_FAILURE, false, List.of());
    for (String server : conf.servers()) {
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
      try {
        DnsReply reply = client.ask(address(server), name, type);
        if (reply.code() == DnsReply.SUCCESS || reply.code() == DnsReply.NO_SUCH_NAME) {
          return reply;
        }
        none = reply;
        failed(server, name, reply.codeText());
      } catch (IOException e) {
        failed(server, name, String.valueOf(e.getMessage()));
      }
    }
    return none;
  }

  private InetSocketAddress address(String server) throws IOException {
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(server), port);
    } catch (IllegalArgumentException e) {
      throw new IOException("the nameserver is not an address", e);
    }
  }

  private static void failed(String server, String name, String why) {
    LOG.atWarn()
        .addKeyValue("server", server)
        .addKeyValue("name", name)
        .addKeyValue("err", why)
        .log("DNS resolution failed");
  }
}
