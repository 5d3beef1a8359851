package io.narthex.net.connect;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the operating system. Its call cannot be given up and would hold the carrier of a virtual
 * thread, so it runs on platform threads of its own, and who asks waits for as long as it likes.
 * Equal questions share one call: a name server that is silent costs one thread per name, not per
 * target.
 */
final class SystemResolver implements Resolver {

  static final SystemResolver INSTANCE = new SystemResolver();

  private static final int MOST_CALLS = 32;

  private final ExecutorService calls;
  private final ConcurrentHashMap<String, FutureTask<List<InetAddress>>> running =
      new ConcurrentHashMap<>();

  private SystemResolver() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MOST_CALLS,
            MOST_CALLS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("resolver-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    calls = pool;
  }

  @Override
  public List<InetAddress> resolve(String host, Duration timeout)
      throws UnknownHostException, TimeoutException, InterruptedException {
    if (isLiteral(host)) {
      return List.of(InetAddress.getAllByName(host));
    }
    FutureTask<List<InetAddress>> mine =
        new FutureTask<>(() -> {
          try {
            return List.of(InetAddress.getAllByName(host));
          } finally {
            running.remove(host);
          }
        });
    FutureTask<List<InetAddress>> call = running.putIfAbsent(host, mine);
    if (call == null) {
      call = mine;
      calls.execute(call);
    }
    try {
      return call.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      UnknownHostException unknown = new UnknownHostException(host);
      unknown.initCause(e.getCause());
      throw unknown;
    }
  }

  /** Whether the host is an address, which is "resolved" without asking anybody. */
  private static boolean isLiteral(String host) {
    if (host.indexOf(':') >= 0) {
      return true;
    }
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if ((c < '0' || c > '9') && c != '.') {
        return false;
      }
    }
    return true;
  }
}
