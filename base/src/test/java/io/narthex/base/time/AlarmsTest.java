package io.narthex.base.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class AlarmsTest {

  private static final long HOUR = Duration.ofHours(1).toNanos();

  @Test
  void goOffInTheOrderOfTheirTimesHoweverTheyWereSet() throws Exception {
    Random random = new Random(7);
    Alarms heap = new Alarms();
    ConcurrentLinkedQueue<Integer> order = new ConcurrentLinkedQueue<>();
    int count = 500;
    CountDownLatch done = new CountDownLatch(count);
    List<SystemAlarm> alarms = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      alarms.add(
          new SystemAlarm(() -> {
            order.add(number);
            done.countDown();
          }));
    }
    // None goes off before each has its time, however slowly they are set.
    long start = System.nanoTime();
    CountDownLatch allSet = new CountDownLatch(1);
    heap.set(new SystemAlarm(() -> await(allSet)), start);
    // Set and set again, called off in between: only the last time counts.
    for (int round = 0; round < 5_000; round++) {
      SystemAlarm alarm = alarms.get(random.nextInt(count));
      if (random.nextInt(3) == 0) {
        heap.clear(alarm);
      } else {
        heap.set(alarm, start + HOUR + random.nextLong(HOUR));
      }
    }
    List<Integer> places = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(places, random);
    for (int place : places) {
      heap.set(alarms.get(place), start + TimeUnit.MICROSECONDS.toNanos(500) * (place + 1));
    }
    allSet.countDown();
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(order).containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
  }

  @Test
  void noneGoesOffBeforeItsTime() throws Exception {
    Random random = new Random(11);
    ConcurrentLinkedQueue<Long> early = new ConcurrentLinkedQueue<>();
    int count = 200;
    CountDownLatch done = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      long nanos = random.nextLong(TimeUnit.MILLISECONDS.toNanos(100));
      long start = System.nanoTime();
      Clock.SYSTEM
          .alarm(() -> {
            if (System.nanoTime() - start < nanos) {
              early.add(nanos);
            }
            done.countDown();
          })
          .set(nanos);
    }
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(early).isEmpty();
  }

  @Test
  void doesNothingOnceCalledOff() throws Exception {
    AtomicInteger gone = new AtomicInteger();
    Alarm off = Clock.SYSTEM.alarm(gone::incrementAndGet);
    CountDownLatch later = new CountDownLatch(1);
    Alarm on = Clock.SYSTEM.alarm(later::countDown);
    off.set(1_000_000);
    boolean pending = off.clear();
    on.set(3_000_000);
    assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
    // A slow machine may have let it go off before it was called off; then it says so.
    assertThat(gone.get()).isEqualTo(pending ? 0 : 1);
    assertThat(off.clear()).isFalse();
    assertThat(on.clear()).isFalse();
  }

  @Test
  void oneThatFailsLeavesTheOthersAlone() throws Exception {
    CountDownLatch later = new CountDownLatch(1);
    Clock.SYSTEM
        .alarm(() -> {
          throw new IllegalStateException("meant to fail");
        })
        .set(0);
    Clock.SYSTEM.alarm(later::countDown).set(1_000_000);
    assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void virtualThreadsSleepNoShorterThanTheyAskFor() throws Exception {
    ConcurrentLinkedQueue<Long> short1 = new ConcurrentLinkedQueue<>();
    List<Thread> threads =
        IntStream.range(0, 200)
            .mapToObj(i ->
                Thread.ofVirtual()
                    .start(() -> {
                      long nanos = i * 250_000L;
                      long start = System.nanoTime();
                      try {
                        Clock.SYSTEM.sleep(Duration.ofNanos(nanos));
                      } catch (InterruptedException e) {
                        short1.add(-1L);
                      }
                      if (System.nanoTime() - start < nanos) {
                        short1.add(nanos);
                      }
                    }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(short1).isEmpty();
  }

  @Test
  void anInterruptEndsTheSleepOfAVirtualThread() throws Exception {
    CountDownLatch woken = new CountDownLatch(1);
    Thread sleeper =
        Thread.ofVirtual()
            .start(() -> {
              assertThatThrownBy(() -> Clock.SYSTEM.sleep(Duration.ofDays(365_000_000)))
                  .isInstanceOf(InterruptedException.class);
              assertThat(Thread.currentThread().isInterrupted()).isFalse();
              woken.countDown();
            });
    sleeper.interrupt();
    assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
