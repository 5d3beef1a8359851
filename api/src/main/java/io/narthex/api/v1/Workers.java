package io.narthex.api.v1;

import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpRequest;
import io.narthex.storage.StopSignal;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the work of requests on the threads that are meant for it, while the handler's virtual
 * thread waits and watches the client. Work that can be called off is, when the client goes; the
 * handler then waits for its end, which is soon, so that whatever it yields has an owner.
 */
final class Workers {

  private static final Logger log = LoggerFactory.getLogger(Workers.class);
  private static final long WATCH_MILLIS = 25;
  private static final String GONE = "context canceled";

  private final ExecutorService pool;
  private final Clock clock;
  private final LongSupplier timeoutNanos;

  /**
   * @param pool does the work of reading
   * @param timeoutNanos the longest that reading may take
   */
  Workers(ExecutorService pool, Clock clock, LongSupplier timeoutNanos) {
    this.pool = pool;
    this.clock = clock;
    this.timeoutNanos = timeoutNanos;
  }

  /**
   * Waits for a query, which is done on the engine's own threads.
   *
   * @param cancel is called when the client has gone; the query then ends soon
   * @throws ApiException if the query ends with one
   */
  <T> T query(HttpRequest request, Runnable cancel, Callable<T> query)
      throws ApiException, IOException {
    FutureTask<T> task = new FutureTask<>(query);
    Thread.ofVirtual().name("query-request").start(task);
    return await(request, task, cancel);
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
    StopSignal.Work<T, Exception> stoppable =
        () -> {
          check.run();
          return work.call();
        };
    Future<T> future = submit(() -> StopSignal.yielding(check, stoppable));
    return await(request, future, () -> gone.set(true));
  }

  /** Does some work that ends by itself, and goes on without its client. */
  <T> T run(HttpRequest request, Callable<T> work) throws ApiException, IOException {
    Future<T> future = submit(work);
    while (true) {
      try {
        return future.get(WATCH_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (request.clientGone()) {
          throw new ApiException(ErrorType.CANCELED, GONE);
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (ExecutionException e) {
        throw failure(request, e);
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

  /** Waits for the end of the work, always. */
  private static <T> T await(HttpRequest request, Future<T> future, Runnable cancel)
      throws ApiException, IOException {
    boolean told = false;
    InterruptedException interrupt = null;
    while (true) {
      try {
        T result = future.get(WATCH_MILLIS, TimeUnit.MILLISECONDS);
        if (interrupt == null) {
          return result;
        }
        if (result instanceof AutoCloseable unread) {
          close(unread);
        }
        throw interrupted(interrupt);
      } catch (TimeoutException e) {
        if (!told && request.clientGone()) {
          told = true;
          cancel.run();
        }
      } catch (InterruptedException e) {
        interrupt = e;
        told = true;
        cancel.run();
      } catch (ExecutionException e) {
        if (interrupt != null) {
          throw interrupted(interrupt);
        }
        throw failure(request, e);
      }
    }
  }

  private static void close(AutoCloseable unread) {
    try {
      unread.close();
    } catch (Exception e) {
      throw new IllegalStateException("an answer that nobody reads could not be closed", e);
    }
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted while a request was worked on", e);
  }

  private static ApiException failure(HttpRequest request, ExecutionException e) {
    return switch (e.getCause()) {
      case ApiException ours -> ours;
      case WorkStopped stopped -> stopped.answer();
      case null, default -> {
        log.error("a request to {} could not be worked on", request.path(), e.getCause());
        yield new ApiException(ErrorType.INTERNAL, "unexpected error: " + e.getCause());
      }
    };
  }
}
