package dev.drover.qemu.block;

import dev.drover.qemu.image.CheckedFile;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.error.DriverException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that a job is going to write to. A process opens an image anew, by its path, where it
 * reads it and a job is to write to it. So each path must lead to the file that the process has
 * open, before the job begins and after.
 *
 * @param opening what compares the two
 * @param host the process
 * @param files the files, as their paths lead to them before the job begins
 */
record WrittenFiles(OpeningCheck opening, BlockHost host, List<CheckedFile> files) {

  private static final Logger logger = LoggerFactory.getLogger(WrittenFiles.class);

  /** Copies the list. */
  WrittenFiles {
    files = List.copyOf(files);
  }

  /**
   * Those of a job that has not begun, whose images the process has open.
   *
   * @throws DriverException as {@link OpeningCheck#check} and {@link OpeningCheck#require}
   */
  static WrittenFiles of(OpeningCheck opening, BlockHost host, JournalEntry entry) {
    WrittenFiles written =
        new WrittenFiles(
            opening,
            host,
            host.processId().isPresent()
                ? opened(host, entry).sorted().map(opening::check).toList()
                : List.of());
    written.require();
    return written;
  }

  /**
   * A mirror reads a guest's disk by the node that the guest has open, be its path where it may: a
   * copy is what saves a disk whose file was removed or replaced.
   */
  private static Stream<String> opened(BlockHost host, JournalEntry entry) {
    boolean onlyRead = entry.work() instanceof JobWork.Mirror && host.hasGuest();
    String active = entry.before().getFirst().path();
    return entry.written().stream().filter(path -> !onlyRead || !path.equals(active));
  }

  private void require() {
    host.processId().ifPresent(pid -> opening.require(host.domainName(), pid, files));
  }

  /**
   * Begins the job. Where another file was opened for it than the one that was checked, it is
   * cancelled at once.
   *
   * @param monitorId its id in the process
   * @return why it was cancelled; empty where it goes on
   * @throws QmpException where it did not begin, or that is not known
   */
  Optional<DriverException> begin(BlockJobCommand command, String monitorId) {
    var _ = host.execute(command);
    try {
      require();
      return Optional.empty();
    } catch (DriverException e) {
      logger.error("{} is cancelled, which may have written already", monitorId, e);
      cancel(monitorId);
      return Optional.of(e);
    }
  }

  private void cancel(String monitorId) {
    try {
      var _ = host.execute(new BlockJobCommand.JobCancel(monitorId));
    } catch (QmpCommandException e) {
      logger.warn("{} has come to its end before it could be cancelled", monitorId, e);
    }
  }
}
