package io.narthex.tsdb;

import io.narthex.storage.StorageException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/** The few calls of the system that the JDK does not offer. */
final class Libc {

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final AddressLayout TEXT =
      ValueLayout.ADDRESS.withTargetLayout(
          MemoryLayout.sequenceLayout(1024, ValueLayout.JAVA_BYTE));

  private static final MethodHandle OPEN =
      handle(
          "open",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT),
          Linker.Option.firstVariadicArg(2),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle FLOCK =
      handle(
          "flock",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
          Linker.Option.captureCallState("errno"));

  private Libc() {}

  /** Links what opening a database calls, which takes the JDK some 30 ms the first time. */
  static void prepare() {
    // The class is initialized now.
  }

  /**
   * Opens a file; it is made if it is missing.
   *
   * @return the descriptor
   * @throws StorageException if that fails; the message names the file and the reason
   */
  static int open(Path file, int flags) {
    int descriptor;
    int errno;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment name = arena.allocateFrom(file.toString());
      descriptor = (int) OPEN.invokeExact(state, name, flags, 0644);
      errno = (int) ERRNO.get(state, 0L);
    } catch (Throwable e) {
      throw new StorageException("open " + file + ": " + e.getMessage(), e);
    }
    if (descriptor < 0) {
      throw new StorageException("cannot open the lock file " + file + ": " + message(errno));
    }
    return descriptor;
  }

  /** Calls flock(2); 0, or the number of the error. */
  static int flock(int descriptor, int operation) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) FLOCK.invokeExact(state, descriptor, operation);
      return result == 0 ? 0 : (int) ERRNO.get(state, 0L);
    } catch (Throwable e) {
      throw new StorageException("flock: " + e.getMessage(), e);
    }
  }

  /** Closes a descriptor. */
  static void close(int descriptor) {
    try {
      int result =
          (int)
              handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                  .invokeExact(descriptor);
      if (result != 0) {
        throw new IllegalStateException("descriptor " + descriptor + " was not open");
      }
    } catch (Throwable e) {
      throw new StorageException("close: " + e.getMessage(), e);
    }
  }

  /** What the number of an error means. */
  static String message(int errno) {
    try {
      MethodHandle strerror = handle("strerror", FunctionDescriptor.of(TEXT, ValueLayout.JAVA_INT));
      return ((MemorySegment) strerror.invokeExact(errno)).getString(0);
    } catch (Throwable e) {
      throw new StorageException("strerror: " + e.getMessage(), e);
    }
  }

  private static MethodHandle handle(
      String function, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(function), descriptor, options);
  }
}
