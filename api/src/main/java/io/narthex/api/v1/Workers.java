package io.narthex.api.v1;

import io.narthex.net.http.HttpRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the work of requests on the threads that are meant for it, while the handler's virtual
 * thread waits and watches the client.
 */
final class Workers {

  private static final Logger log = LoggerFactory.getLogger(Workers.class);
  private static final long WATCH_MILLIS = 100;

  private final ExecutorService pool;

  Workers(ExecutorService pool) {
    this.pool = pool;
  }

  /**
   * Does some work.
   *
   * @param cancel is called when the client has gone; the work should then end soon
   * @throws ApiException if the work throws one, or the client has gone
   */
  <T> T run(HttpRequest request, Runnable cancel, Callable<T> work)
      throws ApiException, IOException {
    Future<T> future;
    try {
      future = pool.submit(work);
    } catch (RejectedExecutionException e) {
      throw new ApiException(ErrorType.UNAVAILABLE, "the server is stopping");
    }
    try {
      while (true) {
        try {
          return future.get(WATCH_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (request.clientGone()) {
            cancel.run();
            future.cancel(false);
            throw new ApiException(ErrorType.CANCELED, "context canceled");
          }
        }
      }
    } catch (InterruptedException e) {
      cancel.run();
      future.cancel(false);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a request was worked on", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ApiException ours) {
        throw ours;
      }
      log.error("a request to {} could not be worked on", request.path(), e.getCause());
      throw new ApiException(ErrorType.INTERNAL, "unexpected error: " + e.getCause());
    }
  }

  /** Does some work that ends soon by itself. */
  <T> T run(HttpRequest request, Callable<T> work) throws ApiException, IOException {
    return run(request, () -> {}, work);
  }
}
