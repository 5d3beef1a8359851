package io.narthex.it;

import io.narthex.base.file.Disk;
import io.narthex.base.file.OutputFile;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.labels.Labels;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.chunk.XorDecoder;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Fills a directory with blocks of one minute, as a server with {@code
 * --storage.tsdb.min-block-duration=1m --storage.tsdb.max-block-duration=1m} leaves them. Sample
 * {@code k} of a series, counted through all blocks, has the value {@code k}.
 */
final class ManyBlocks {

  static final long MINUTE = 60_000;
  static final long STEP = 15_000;
  private static final int PER_BLOCK = (int) (MINUTE / STEP);

  private final long end;
  private final int blocks;
  private final List<Labels> series = new ArrayList<>();

  /**
   * @param end the first millisecond that no block is about, a whole minute
   * @param count how many series each block has; the first five are {@code up}
   */
  ManyBlocks(long end, int blocks, int count) {
    this.end = end;
    this.blocks = blocks;
    for (int i = 0; i < count; i++) {
      series.add(
          Labels.of(
              "__name__",
              i < 5 ? "up" : "node_metric_" + i / 10 + "_total",
              "instance",
              "host-" + i % 5 + ":9100",
              "job",
              "node",
              "mode",
              "m" + i % 10));
    }
    series.sort(Labels::compareTo);
  }

  /** The first sample's time. */
  long start() {
    return end - blocks * MINUTE;
  }

  long samplesPerSeries() {
    return (long) blocks * PER_BLOCK;
  }

  void write(Path database) {
    Disk disk = fast();
    Random random = new Random(3);
    disk.createDirectories(database);
    try (SlabAllocator allocator = new SlabAllocator();
        XorBuilder chunk = new XorBuilder(allocator)) {
      for (int b = 0; b < blocks; b++) {
        long from = start() + b * MINUTE;
        Ulid ulid = Ulid.next(from + MINUTE, random);
        BlockMeta meta =
            new BlockMeta(
                ulid,
                from,
                from + MINUTE,
                BlockMeta.Stats.NONE,
                BlockMeta.Compaction.ofHead(ulid),
                Map.of());
        try (BlockWriter writer = new BlockWriter(disk, database, meta)) {
          for (Labels labels : series) {
            writer.series(labels);
            for (int k = 0; k < PER_BLOCK; k++) {
              chunk.append(from + k * STEP, b * PER_BLOCK + k);
            }
            byte[] bytes = chunk.finish();
            int length = bytes.length - XorDecoder.PADDING;
            writer.chunk(from, from + MINUTE - STEP, 1, PER_BLOCK, bytes, 0, length);
          }
          if (writer.finish() == null) {
            throw new AssertionError("a block without samples");
          }
        }
      }
    }
  }

  /** The machine's disk, which does not wait until anything is durable. */
  private static Disk fast() {
    return proxy(
        Disk.class,
        (method, arguments) ->
            switch (method.getName()) {
              case "syncDirectory" -> null;
              case "create" -> fast((OutputFile) method.invoke(Disk.SYSTEM, arguments));
              default -> method.invoke(Disk.SYSTEM, arguments);
            });
  }

  private static OutputFile fast(OutputFile file) {
    return proxy(
        OutputFile.class,
        (method, arguments) ->
            method.getName().equals("sync") ? null : method.invoke(file, arguments));
  }

  private interface Call {
    @Nullable Object run(Method method, Object @Nullable [] arguments)
        throws ReflectiveOperationException;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    InvocationHandler handler =
        (self, method, arguments) -> {
          try {
            return call.run(method, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
