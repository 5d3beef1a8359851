package io.narthex.discovery.aws.api;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Many questions at once. How many are under way at the same time is the client's business, so that
 * questions within questions need no count of their own.
 */
public final class Parallel {

  private Parallel() {}

  /** One question. */
  @FunctionalInterface
  public interface Step<T, R> {

    /** Asks about an item. */
    R ask(T item) throws IOException, InterruptedException;
  }

  /**
   * Asks about every item, each in a thread of its own.
   *
   * @return the answers in the order of the items
   * @throws IOException the first failure; the other questions are ended
   */
  public static <T, R> List<R> map(Collection<T> items, Step<T, R> step)
      throws IOException, InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<R> done = new ExecutorCompletionService<>(threads);
      List<Future<R>> answers = new ArrayList<>();
      for (T item : items) {
        answers.add(done.submit(() -> step.ask(item)));
      }
      boolean whole = false;
      try {
        for (int i = 0; i < answers.size(); i++) {
          done.take().get();
        }
        whole = true;
      } catch (ExecutionException e) {
        throw failure(e);
      } finally {
        if (!whole) {
          threads.shutdownNow();
        }
      }
      return answers.stream().map(Future::resultNow).toList();
    }
  }

  /** Cuts a list into lists of at most so many items. */
  public static <T> List<List<T>> batches(List<T> items, int most) {
    List<List<T>> batches = new ArrayList<>();
    for (int from = 0; from < items.size(); from += most) {
      batches.add(items.subList(from, Math.min(items.size(), from + most)));
    }
    return batches;
  }

  private static IOException failure(ExecutionException e) throws InterruptedException {
    return switch (e.getCause()) {
      case IOException failure -> failure;
      case InterruptedException interrupted -> throw interrupted;
      case RuntimeException mistake -> throw mistake;
      case Error error -> throw error;
      case null, default -> throw new IllegalStateException("a step threw something else", e);
    };
  }
}
