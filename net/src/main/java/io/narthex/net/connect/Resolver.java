package io.narthex.net.connect;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Finds the addresses of a host. Thread-safe. */
public interface Resolver {

  /**
   * The addresses of a host, at least one, the preferred first.
   *
   * @param timeout how long to wait at most
   * @throws UnknownHostException if there is no such host
   */
  List<InetAddress> resolve(String host, Duration timeout)
      throws UnknownHostException, TimeoutException, InterruptedException;

  /** The system's own resolver. */
  static Resolver system() {
    return SystemResolver.INSTANCE;
  }
}
