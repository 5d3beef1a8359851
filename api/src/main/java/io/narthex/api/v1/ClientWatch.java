package io.narthex.api.v1;

import io.narthex.base.time.Alarm;
import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpRequest;
import java.util.concurrent.TimeUnit;

/**
 * Looks now and then whether the client of a request is still there, while the request's thread
 * works for it. When {@link #close} returns nobody looks any more.
 */
final class ClientWatch implements AutoCloseable {

  /** How often it looks; work that is shorter is never looked at. */
  static final long MILLIS = 25;

  private final HttpRequest request;
  private final Runnable gone;

  // A client goes by the time of the machine, whatever the server's clock is.
  private final Alarm alarm = Clock.SYSTEM.alarm(this::look);
  private boolean over; // guarded by this

  private ClientWatch(HttpRequest request, Runnable gone) {
    this.request = request;
    this.gone = gone;
  }

  /**
   * @param gone is run once if the client goes, on a thread that must not wait
   */
  static ClientWatch begin(HttpRequest request, Runnable gone) {
    ClientWatch watch = new ClientWatch(request, gone);
    watch.again();
    return watch;
  }

  private void again() {
    alarm.set(TimeUnit.MILLISECONDS.toNanos(MILLIS));
  }

  private synchronized void look() {
    if (over) {
      return;
    }
    if (request.clientGone()) {
      over = true;
      gone.run();
    } else {
      again();
    }
  }

  @Override
  public synchronized void close() {
    over = true;
    alarm.clear();
  }
}
