package io.narthex.base.file;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file, or a part of one, mapped read-only into memory, and closed by whoever opened it. Reading
 * is thread-safe; reading behind the end, or after the close, is an exception and never a crash, so
 * long as nobody makes the file shorter.
 *
 * <p>Numbers are big-endian, as all of Prometheus' formats are. The segment is of the same kind as
 * native memory: code that sees both mapped files and native memory stays fast, which it would not
 * if the virtual machine saw several kinds of segment at one call site.
 *
 * <p>A whole file of at most {@value #SMALL} bytes is read instead: the system allows a process
 * some 65,530 mappings, and a database of one-minute blocks has tens of thousands of such files. A
 * mapping costs whole pages and an entry in the system's tables; what is read costs its bytes.
 */
public final class MappedFile implements AutoCloseable {

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Files up to this size are read, not mapped. */
  static final int SMALL = 16 << 10;

  private static final Set<MappedFile> OPEN = ConcurrentHashMap.newKeySet();
  private static final boolean KEEP_STACKS = MappedFile.class.desiredAssertionStatus();

  private final Path path;
  private final Arena arena;
  private final MemorySegment segment;
  private final @Nullable Throwable openedAt;

  private MappedFile(Path path, Arena arena, MemorySegment segment) {
    this.path = path;
    this.arena = arena;
    this.segment = segment;
    this.openedAt = KEEP_STACKS ? new Throwable("opened " + path) : null;
  }

  /** Maps a range; a negative length means up to the end. */
  static MappedFile map(Path path, long from, long length) {
    Arena arena = Arena.ofShared();
    // A channel that is interrupted closes itself. The caller's interrupt is put off, not lost.
    boolean interrupted = Thread.interrupted();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      long wanted = length < 0 ? size - from : length;
      if (from + wanted > size) {
        throw new IOException("no bytes " + from + " to " + (from + wanted) + " in " + size);
      }
      MemorySegment plain;
      if (wanted == 0) {
        plain = MemorySegment.NULL;
      } else if (length < 0 && wanted <= SMALL) {
        plain = read(channel, from, (int) wanted, arena);
      } else {
        MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, from, wanted, arena);
        plain =
            MemorySegment.ofAddress(mapped.address()).reinterpret(wanted, arena, null).asReadOnly();
      }
      MappedFile file = new MappedFile(path, arena, plain);
      OPEN.add(file);
      return file;
    } catch (IOException e) {
      arena.close();
      throw new DiskException("map", path, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static MemorySegment read(FileChannel channel, long from, int length, Arena arena)
      throws IOException {
    MemorySegment memory = arena.allocate(length, Long.BYTES);
    ByteBuffer into = memory.asByteBuffer();
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return memory.asReadOnly();
  }

  public Path path() {
    return path;
  }

  /** The number of bytes that can be read. */
  public long size() {
    return segment.byteSize();
  }

  /** The memory itself, valid until the close. */
  public MemorySegment segment() {
    return segment;
  }

  /** The byte at an offset, 0 to 255. */
  public int u8(long at) {
    return segment.get(BYTE, at) & 0xff;
  }

  /** The two bytes at an offset, 0 to 65535. */
  public int u16(long at) {
    return segment.get(SHORT, at) & 0xffff;
  }

  /** The four bytes at an offset, as they are. */
  public int i32(long at) {
    return segment.get(INT, at);
  }

  /** The four bytes at an offset, 0 to 2^32-1. */
  public long u32(long at) {
    return segment.get(INT, at) & 0xffff_ffffL;
  }

  /** The eight bytes at an offset, as they are. */
  public long i64(long at) {
    return segment.get(LONG, at);
  }

  /** Copies bytes into an array. */
  public void copy(long at, byte[] into, int from, int length) {
    MemorySegment.copy(segment, BYTE, at, into, from, length);
  }

  /** The CRC32C of a range, in the low 32 bits. */
  public long crc32c(long from, long length) {
    CRC32C crc = new CRC32C();
    long done = 0;
    while (done < length) {
      long part = Math.min(length - done, 1 << 30);
      crc.update(segment.asSlice(from + done, part).asByteBuffer());
      done += part;
    }
    return crc.getValue();
  }

  /** A cursor at an offset, for the calling thread. */
  public MappedCursor cursor(long at) {
    return new MappedCursor(this, at);
  }

  /** Unmaps the file; closing twice does nothing. */
  @Override
  public void close() {
    if (OPEN.remove(this)) {
      arena.close();
    }
  }

  /** The number of files that are open in this process. */
  public static int openCount() {
    return OPEN.size();
  }

  /** Those that are open now, with the stack that opened them where assertions are on. */
  public static List<Throwable> openFiles() {
    List<Throwable> all = new ArrayList<>();
    for (MappedFile file : OPEN) {
      all.add(file.openedAt == null ? new Throwable("opened " + file.path) : file.openedAt);
    }
    return all;
  }
}
