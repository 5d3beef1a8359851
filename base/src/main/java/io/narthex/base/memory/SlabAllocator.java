package io.narthex.base.memory;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hands out blocks of off-heap memory. Thread-safe.
 *
 * <p>Small blocks (up to {@link #LARGEST_SMALL} bytes) come in size classes. A class cuts its
 * blocks from pages of 16 KiB, pages come from slabs of 1 MiB, and freed blocks wait in a list of
 * their class that runs through the blocks themselves. Nothing is merged and no page changes its
 * class: what is stored here has few sizes, each in a steady number. Larger blocks are slabs of
 * their own. Memory goes back to the system when the allocator is closed, a large block also when
 * it is freed.
 *
 * <p>A block whose size is a multiple of 64 and at most 128, and every large block, starts on a
 * cache line; all blocks start at multiples of 8. Fresh memory is zero, reused memory is not.
 *
 * <p>A checking allocator (for tests) knows every live block, refuses to free what it did not hand
 * out, and fills freed blocks with {@link #POISON}.
 */
public final class SlabAllocator implements AutoCloseable {

  /** The largest block that shares a slab with others, in bytes. */
  public static final int LARGEST_SMALL = 4096;

  /** What a checking allocator fills freed memory with. */
  public static final int POISON = 0xde;

  private static final int SLAB_BYTES = 1 << 20;
  private static final int PAGE_BYTES = 1 << 14;
  private static final int LINE_BYTES = 64;

  private static final class SizeClass {
    final int blockBytes;
    long free; // the first block of the list of free ones, or 0
    long fresh; // the next block of the page being cut
    long freshEnd;
    long live;

    SizeClass(int blockBytes) {
      this.blockBytes = blockBytes;
    }
  }

  private record LargeBlock(Arena arena, long bytes) {}

  private final SizeClass[] classes;
  private final Arena slabs = Arena.ofShared();
  private final Object slabLock = new Object();
  private long slab;
  private long slabEnd;
  private long reservedBytes;
  private boolean closed;
  private final Map<Long, LargeBlock> large = new HashMap<>();
  private final @Nullable Map<Long, Integer> checked;

  /** An allocator for production. */
  public SlabAllocator() {
    this(false);
  }

  /**
   * @param checking whether to check every call and poison freed memory
   */
  public SlabAllocator(boolean checking) {
    List<SizeClass> list = new ArrayList<>();
    for (int bytes = 8; bytes <= LARGEST_SMALL; bytes = nextClass(bytes)) {
      list.add(new SizeClass(bytes));
    }
    classes = list.toArray(SizeClass[]::new);
    checked = checking ? new HashMap<>() : null;
  }

  /** Steps of 8 up to 128, then four steps to each doubling. */
  private static int nextClass(int bytes) {
    return bytes < 128 ? bytes + 8 : bytes + Integer.highestOneBit(bytes) / 4;
  }

  private static int classOf(int bytes) {
    if (bytes <= 128) {
      return (bytes + 7) / 8 - 1;
    }
    int doubling = 31 - Integer.numberOfLeadingZeros(bytes - 1);
    int step = (bytes - 1) >>> (doubling - 2); // 4 to 7: the quarter of the doubling
    return 16 + (doubling - 7) * 4 + (step - 4);
  }

  /** The size of the block that a request of this many bytes gets. */
  public int blockBytes(int bytes) {
    return bytes > LARGEST_SMALL ? bytes : classes[classOf(bytes)].blockBytes;
  }

  /**
   * Takes a block.
   *
   * @param bytes at least 1
   */
  public long allocate(int bytes) {
    if (bytes > LARGEST_SMALL) {
      return allocateLarge(bytes);
    }
    SizeClass c = classes[classOf(bytes)];
    long block;
    synchronized (c) {
      c.live++;
      block = c.free;
      if (block != 0) {
        c.free = OffHeap.getLong(block);
      } else {
        if (c.fresh + c.blockBytes > c.freshEnd) {
          c.fresh = page();
          c.freshEnd = c.fresh + PAGE_BYTES;
        }
        block = c.fresh;
        c.fresh += c.blockBytes;
      }
    }
    if (checked != null) {
      synchronized (checked) {
        checked.put(block, c.blockBytes);
      }
    }
    return block;
  }

  /** Gives back a block that was allocated with the same number of bytes. */
  public void free(long block, int bytes) {
    if (bytes > LARGEST_SMALL) {
      freeLarge(block);
      return;
    }
    SizeClass c = classes[classOf(bytes)];
    if (checked != null) {
      synchronized (checked) {
        Integer known = checked.remove(block);
        if (known == null || known != c.blockBytes) {
          throw new IllegalStateException(
              "freed " + c.blockBytes + " bytes at " + block + ", known as " + known);
        }
      }
      OffHeap.fill(block, c.blockBytes, POISON);
    }
    synchronized (c) {
      c.live--;
      OffHeap.putLong(block, c.free);
      c.free = block;
    }
  }

  /** Takes a block of its own, zeroed; it goes back to the system when freed. */
  public long allocateLarge(long bytes) {
    Arena arena = Arena.ofShared();
    long block = arena.allocate(bytes, LINE_BYTES).address();
    synchronized (slabLock) {
      large.put(block, new LargeBlock(arena, bytes));
      reservedBytes += bytes;
    }
    return block;
  }

  /** Gives back a block of {@link #allocateLarge}; nobody may read it any more. */
  public void freeLarge(long block) {
    LargeBlock known;
    synchronized (slabLock) {
      known = large.remove(block);
      if (known == null) {
        throw new IllegalStateException("freed an unknown block at " + block);
      }
      reservedBytes -= known.bytes;
    }
    known.arena.close();
  }

  private long page() {
    synchronized (slabLock) {
      if (slab == slabEnd) {
        slab = slabs.allocate(SLAB_BYTES, LINE_BYTES).address();
        slabEnd = slab + SLAB_BYTES;
        reservedBytes += SLAB_BYTES;
      }
      long page = slab;
      slab += PAGE_BYTES;
      return page;
    }
  }

  /** The bytes that the system has given us. */
  public long reservedBytes() {
    synchronized (slabLock) {
      return reservedBytes;
    }
  }

  /** The bytes in blocks that are in use. */
  public long usedBytes() {
    long used = 0;
    for (SizeClass c : classes) {
      synchronized (c) {
        used += c.live * c.blockBytes;
      }
    }
    synchronized (slabLock) {
      for (LargeBlock block : large.values()) {
        used += block.bytes;
      }
    }
    return used;
  }

  /** Returns all memory to the system; no block of it may be touched afterwards. */
  @Override
  public void close() {
    synchronized (slabLock) {
      if (closed) {
        return;
      }
      closed = true;
      for (LargeBlock block : large.values()) {
        block.arena.close();
      }
      large.clear();
      reservedBytes = 0;
      slabs.close();
    }
  }

  @Override
  public String toString() {
    return Arrays.stream(classes)
        .filter(c -> c.live > 0)
        .map(c -> c.blockBytes + "x" + c.live)
        .toList()
        .toString();
  }
}
