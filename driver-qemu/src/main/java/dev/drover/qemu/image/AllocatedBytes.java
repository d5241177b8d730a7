package dev.drover.qemu.image;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks how many bytes of its file system a file occupies, which the JDK does not tell. Linux'
 * {@code statx} answers, whose structure is the same on every processor.
 */
final class AllocatedBytes {

  private static final Logger logger = LoggerFactory.getLogger(AllocatedBytes.class);
  private static final int AT_FDCWD = -100;
  private static final int STATX_BLOCKS = 0x400;
  private static final long STATX_BYTES = 256;
  private static final long OFFSET_OF_BLOCKS = 48;
  private static final long BLOCK_BYTES = 512;
  private static final Optional<MethodHandle> STATX = link();

  private AllocatedBytes() {}

  @SuppressWarnings("restricted") // the signature below is the one statx(2) documents
  private static Optional<MethodHandle> link() {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("statx")
        .map(
            address ->
                linker.downcallHandle(
                    address,
                    FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS)));
  }

  /** Bytes occupied; 0 where the system does not tell. */
  static long of(Path file) {
    if (STATX.isEmpty()) {
      return 0;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(STATX_BYTES, Long.BYTES);
      int failed =
          (int)
              STATX
                  .get()
                  .invokeExact(
                      AT_FDCWD, arena.allocateFrom(file.toString()), 0, STATX_BLOCKS, answer);
      return failed == 0 ? answer.get(ValueLayout.JAVA_LONG, OFFSET_OF_BLOCKS) * BLOCK_BYTES : 0;
    } catch (Throwable e) {
      logger.warn("statx of {} cannot be called; its allocation stays unknown", file, e);
      return 0;
    }
  }
}
