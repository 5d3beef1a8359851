package io.narthex.promql.engine;

import io.narthex.promql.engine.core.QueryContext;
import io.narthex.promql.engine.core.QueryException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The places that queries run in, and who gets the next one. Thread-safe.
 *
 * <p>The rule, by client (the address that a query comes from; queries without one are one client):
 *
 * <ul>
 *   <li>A place goes to the client that has the fewest queries running; of equals to the one that
 *       has been without a place for longest. Within a client it is first come, first served.
 *   <li>With four places or more, the last one that is free goes only to a client that has nothing
 *       running. So whoever fills the server with heavy queries leaves a place for the others,
 *       which each of them gets in turn.
 * </ul>
 *
 * <p>So a client alone may run as many queries as there are places but one, and its twenty heavy
 * queries cannot keep another's dashboard waiting for longer than that dashboard's own queries
 * take. Weights by what queries cost were rejected: nobody knows what one costs before it ran.
 */
public final class QueryQueue {

  /** So many places are few enough to give every one to whoever comes. */
  private static final int FEW = 4;

  /** How long a waiting query sleeps before it looks at its deadline; a place wakes it at once. */
  private static final long LOOK_NANOS = 20_000_000;

  private final int reserved;

  // Guarded by this.
  private final Map<String, Client> clients = new HashMap<>();
  private int free;
  private long turn;

  /**
   * @param places how many queries run at once; 0 for any number
   */
  public QueryQueue(int places) {
    this.free = places <= 0 ? Integer.MAX_VALUE : places;
    this.reserved = free >= FEW ? 1 : 0;
  }

  private static final class Client {
    private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
    private int running;
    // The turn in which it got its last place.
    private long served;
  }

  private static final class Waiter {
    private final Thread thread = Thread.currentThread();
    private volatile boolean admitted;
  }

  /** A place; it is given back when it is closed. */
  public final class Place implements AutoCloseable {
    private final String client;
    private boolean left;

    private Place(String client) {
      this.client = client;
    }

    @Override
    public void close() {
      synchronized (QueryQueue.this) {
        if (!left) {
          left = true;
          leave(client);
        }
      }
    }
  }

  /**
   * Waits for a place.
   *
   * @throws QueryException if the query is called off or its time is up before it has one
   */
  public Place enter(String client, QueryContext context) {
    Waiter waiter = new Waiter();
    synchronized (this) {
      clients.computeIfAbsent(client, c -> new Client()).waiting.add(waiter);
      admit();
    }
    boolean entered = false;
    try {
      while (!waiter.admitted) {
        context.check("query queue");
        if (Thread.currentThread().isInterrupted()) {
          throw new QueryException(
              QueryException.Kind.CANCELED, "query was canceled in query queue");
        }
        LockSupport.parkNanos(this, LOOK_NANOS);
      }
      entered = true;
      return new Place(client);
    } finally {
      if (!entered) {
        giveUp(client, waiter);
      }
    }
  }

  /** The number of queries that wait. */
  public synchronized int waiting() {
    return clients.values().stream().mapToInt(c -> c.waiting.size()).sum();
  }

  private synchronized void giveUp(String name, Waiter waiter) {
    Client client = clients.get(name);
    if (waiter.admitted) {
      leave(name);
    } else if (client != null) {
      client.waiting.remove(waiter);
      forget(name, client);
    }
  }

  private void leave(String name) {
    Client client = clients.get(name);
    if (client == null) {
      throw new IllegalStateException("no query of this client runs: " + name);
    }
    client.running--;
    free++;
    forget(name, client);
    admit();
  }

  private void forget(String name, Client client) {
    if (client.running == 0 && client.waiting.isEmpty()) {
      clients.remove(name);
    }
  }

  /** Gives the free places away. */
  private void admit() {
    for (Client next = next(); next != null; next = next()) {
      Waiter waiter = next.waiting.remove();
      next.running++;
      next.served = ++turn;
      free--;
      waiter.admitted = true;
      LockSupport.unpark(waiter.thread);
    }
  }

  private @Nullable Client next() {
    if (free == 0) {
      return null;
    }
    return clients.values().stream()
        .filter(c -> !c.waiting.isEmpty() && (c.running == 0 || free > reserved))
        .min(Comparator.<Client>comparingInt(c -> c.running).thenComparingLong(c -> c.served))
        .orElse(null);
  }
}
