package io.narthex.exporter.collector;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * The two questions that no file answers: uname(2) and statfs(2), asked of the C library. The
 * layouts are those of 64-bit Linux ({@code struct utsname} of six fields of 65 bytes; {@code
 * struct statfs} of eight-byte words).
 */
final class Kernel {

  /** What uname(2) says. */
  record Uname(
      String sysname,
      String nodename,
      String release,
      String version,
      String machine,
      String domainname) {}

  /** What statfs(2) says: sizes in blocks of {@code blockSize} bytes. */
  record Statfs(
      long blockSize, long blocks, long free, long available, long files, long filesFree) {}

  private static final int FIELD = 65;
  private static final int STATFS_BYTES = 120;
  private static final StructErrno ERRNO = new StructErrno();
  private static final MethodHandle UNAME =
      handle("uname", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
  private static final MethodHandle STATFS =
      handle(
          "statfs",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

  private Kernel() {}

  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState("errno"));
  }

  static Uname uname() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = ERRNO.allocate(arena);
      MemorySegment buffer = arena.allocate(6 * FIELD);
      check("uname", (int) UNAME.invokeExact(errno, buffer), errno);
      return new Uname(
          field(buffer, 0),
          field(buffer, 1),
          field(buffer, 2),
          field(buffer, 3),
          field(buffer, 4),
          field(buffer, 5));
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException(e);
    }
  }

  private static String field(MemorySegment buffer, int number) {
    return buffer.getString((long) number * FIELD);
  }

  static Statfs statfs(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = ERRNO.allocate(arena);
      MemorySegment buffer = arena.allocate(STATFS_BYTES, Long.BYTES);
      check(
          "statfs " + path,
          (int) STATFS.invokeExact(errno, arena.allocateFrom(path.toString()), buffer),
          errno);
      return new Statfs(
          word(buffer, 1),
          word(buffer, 2),
          word(buffer, 3),
          word(buffer, 4),
          word(buffer, 5),
          word(buffer, 6));
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException(e);
    }
  }

  private static long word(MemorySegment buffer, int number) {
    return buffer.get(ValueLayout.JAVA_LONG, (long) number * Long.BYTES);
  }

  private static void check(String call, int result, MemorySegment errno) throws IOException {
    if (result != 0) {
      throw new IOException(call + ": errno " + ERRNO.value(errno));
    }
  }

  /** Where the linker leaves errno. */
  private static final class StructErrno {
    private final MemoryLayout layout = Linker.Option.captureStateLayout();
    private final VarHandle value =
        layout.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    MemorySegment allocate(Arena arena) {
      return arena.allocate(layout);
    }

    int value(MemorySegment segment) {
      return (int) value.get(segment, 0L);
    }
  }
}
