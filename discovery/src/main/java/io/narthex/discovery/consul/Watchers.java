package io.narthex.discovery.consul;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Virtual threads by name, under one owner, to whose thread this belongs. Whoever is stopped has
 * ended when the call returns, and says nothing any more.
 */
final class Watchers implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Watchers.class);

  /** What a thread does until it is interrupted. */
  @FunctionalInterface
  interface Task {
    void run() throws InterruptedException;
  }

  private final Map<String, Thread> threads = new LinkedHashMap<>();

  /** The names of those that run, as they are now. */
  Set<String> names() {
    return Set.copyOf(threads.keySet());
  }

  void start(String name, Task task) {
    Thread thread =
        Thread.ofVirtual()
            .name("discovery-consul-" + name)
            .start(() -> {
              try {
                task.run();
              } catch (InterruptedException e) {
                LOG.atDebug().addKeyValue("service", name).log("Watching stopped");
              }
            });
    threads.put(name, thread);
  }

  /** Ends some and waits for them. */
  void stop(Collection<String> names) throws InterruptedException {
    Map<String, Thread> ending = new LinkedHashMap<>(threads);
    ending.keySet().retainAll(names);
    ending.values().forEach(Thread::interrupt);
    for (Thread thread : ending.values()) {
      thread.join();
    }
    threads.keySet().removeAll(ending.keySet());
  }

  /** Ends all and waits for them, whoever wants to hurry. */
  @Override
  public void close() {
    List<Thread> running = List.copyOf(threads.values());
    running.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (Thread thread : running) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
