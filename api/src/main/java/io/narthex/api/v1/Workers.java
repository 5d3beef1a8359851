package io.narthex.api.v1;

import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpRequest;
import io.narthex.storage.StopSignal;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the work of requests. What can be called off is done on the request's own thread, and is
 * when the client goes; what goes on without its client has threads of its own.
 */
final class Workers {

  private static final Logger log = LoggerFactory.getLogger(Workers.class);
  private static final String GONE = "context canceled";

  private final ExecutorService pool;
  private final Semaphore readers;
  private final Clock clock;
  private final LongSupplier timeoutNanos;

  /**
   * @param pool does what goes on without its client
   * @param readers the most requests that read the storage at a time, beside queries
   * @param timeoutNanos the longest that reading may take
   */
  Workers(ExecutorService pool, int readers, Clock clock, LongSupplier timeoutNanos) {
    this.pool = pool;
    this.readers = new Semaphore(readers, true);
    this.clock = clock;
    this.timeoutNanos = timeoutNanos;
  }

  /**
   * Answers a query.
   *
   * @param cancel is called when the client has gone; the query then ends soon
   * @throws ApiException if the query ends with one
   */
  <T> T query(HttpRequest request, Runnable cancel, Callable<T> query)
      throws ApiException, IOException {
    ClientWatch watch = ClientWatch.begin(request, cancel);
    try {
      return query.call();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (Exception | Error e) {
      throw failure(request, e);
    } finally {
      watch.close();
    }
  }

  /**
   * Reads from the storage. It ends when the client goes or the time of a query is up, as far as
   * the reader asks {@link StopSignal}.
   *
   * @throws ApiException if the work throws one, or is ended
   */
  <T> T read(HttpRequest request, Callable<T> work) throws ApiException, IOException {
    long begun = clock.nanos();
    long most = timeoutNanos.getAsLong();
    AtomicBoolean gone = new AtomicBoolean();
    Runnable check =
        () -> {
          if (gone.get()) {
            throw new WorkStopped(ErrorType.CANCELED, GONE);
          }
          if (most > 0 && clock.nanos() - begun >= most) {
            throw new WorkStopped(ErrorType.TIMEOUT, "query timed out in reading of metadata");
          }
        };
    StopSignal.Work<T, Exception> stoppable = work::call;
    return query(
        request,
        () -> gone.set(true),
        () -> {
          readers.acquire();
          try {
            check.run(); // the client may have gone while others read
            return StopSignal.yielding(check, stoppable);
          } finally {
            readers.release();
          }
        });
  }

  /** Does some work that ends by itself, and goes on without its client. */
  <T> T run(HttpRequest request, Callable<T> work) throws ApiException, IOException {
    Future<T> future = submit(work);
    while (true) {
      try {
        return future.get(ClientWatch.MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (request.clientGone()) {
          throw new ApiException(ErrorType.CANCELED, GONE);
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (ExecutionException e) {
        throw failure(request, e.getCause());
      }
    }
  }

  private <T> Future<T> submit(Callable<T> work) throws ApiException {
    try {
      return pool.submit(work);
    } catch (RejectedExecutionException e) {
      throw new ApiException(ErrorType.UNAVAILABLE, "the server is stopping");
    }
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted while a request was worked on", e);
  }

  private static ApiException failure(HttpRequest request, @Nullable Throwable cause) {
    return switch (cause) {
      case ApiException ours -> ours;
      case WorkStopped stopped -> stopped.answer();
      case null, default -> {
        log.error("a request to {} could not be worked on", request.path(), cause);
        yield new ApiException(ErrorType.INTERNAL, "unexpected error: " + cause);
      }
    };
  }
}
