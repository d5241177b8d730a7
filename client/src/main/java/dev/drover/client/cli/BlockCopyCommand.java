package dev.drover.client.cli;

import dev.drover.client.BlockCopy;
import dev.drover.client.JobHandle;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drover blockcopy}: copies a disk to another place and mirrors guest writes. */
@Command(
    name = "blockcopy",
    description = {
      "Copy a disk to a destination and mirror guest writes. The job becomes ready, and ends with"
          + " --pivot or --finish, or later with 'drover blockjob'."
    })
final class BlockCopyCommand extends DomainVerb {
  @Parameters(index = "1", paramLabel = "PATH", description = "Target (vda) or source of the disk.")
  private String path = "";

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "DEST",
      description = "Path of the copy, where no --xml says it.")
  private Optional<String> destination = Optional.empty();

  @Parameters(
      index = "3",
      arity = "0..1",
      paramLabel = "BANDWIDTH",
      description = "Speed limit in MiB/s.")
  private Optional<String> bandwidth = Optional.empty();

  @Option(
      names = "--bytes",
      description = "The bandwidth is in bytes/s; units such as 10MiB are understood.")
  private boolean bytes;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "Format of the copy, raw or qcow2. Default: that of the active image.")
  private Optional<String> format = Optional.empty();

  @Option(names = "--raw", description = "The same as --format raw.")
  private boolean raw;

  @Option(
      names = "--xml",
      paramLabel = "FILE",
      description = "A file with the destination as libvirt's <disk>; - is standard input.")
  private Optional<String> xml = Optional.empty();

  @Option(
      names = "--print-xml",
      description = "Print the destination as libvirt's <disk>, and copy nothing.")
  private boolean printXml;

  @Option(names = "--shallow", description = "Copy the active image only.")
  private boolean shallow;

  @Option(names = "--reuse-external", description = "Use the existing destination as it is.")
  private boolean reuseExternal;

  @Option(
      names = "--blockdev",
      description = "Accepted as virsh does: a destination that is a block device is seen as one.")
  @SuppressWarnings("unused") // The daemon looks at it.
  private boolean blockDevice;

  @Option(names = "--pivot", description = "Once ready, go over to the copy; implies --wait.")
  private boolean pivot;

  @Option(
      names = "--finish",
      description = "Once ready, leave the copy as it is then; implies --wait.")
  private boolean finish;

  @Option(names = "--granularity", paramLabel = "BYTES", description = "A power of two.")
  private Optional<Integer> granularity = Optional.empty();

  @Option(names = "--buf-size", paramLabel = "BYTES", description = "Most data in flight.")
  private Optional<Long> bufferSize = Optional.empty();

  @Option(names = "--transient-job", description = "The job may end with the running domain.")
  private boolean transientJob;

  @Option(names = "--synchronous-writes", description = "Let guest writes wait for the copy.")
  private boolean synchronousWrites;

  @Mixin private final ErrorPolicyOption errors = new ErrorPolicyOption();
  @Mixin private final ConvergenceOptions convergence = new ConvergenceOptions();
  @Mixin private final WaitOptions waiting = new WaitOptions();

  BlockCopyCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    if (pivot && finish) {
      throw new CommandFailure("Options --pivot and --finish are mutually exclusive");
    }
    if (printXml) {
      Image image = image();
      output().line(CopyDestination.write(image), image);
      return;
    }
    boolean completes = pivot || finish;
    boolean waits = waiting.waits() || completes;
    waiting.check(waits);
    JobHandle job = described(completes).start();
    if (!waits) {
      Job begun = job.latest();
      output().done(Texts.begun("Block Copy", begun), begun);
      return;
    }
    JobWait wait = new JobWait(session(), job);
    Job ended = wait.orAbort(completes, waiting);
    wait.report(
        ended,
        "Copy",
        pivot ? "Successfully pivoted" : "Successfully copied",
        "Now in mirroring phase");
  }

  private BlockCopy described(boolean completes) {
    BlockCopy copy = domain().disk(path).copy(image());
    if (shallow) {
      copy.shallow();
    }
    if (reuseExternal) {
      copy.reuseExternal();
    }
    if (transientJob) {
      copy.transientJob();
    }
    if (synchronousWrites) {
      copy.synchronousWrites();
    }
    copy.onError(errors.policy());
    Optional<Duration> maxPause = convergence.maxPause();
    if (synchronousWrites && maxPause.isPresent()) {
      throw new CommandFailure(
          "Options --synchronous-writes and --max-pause are mutually exclusive");
    }
    maxPause.ifPresent(copy::holdGuestFor);
    convergence.within().ifPresent(copy::convergeWithin);
    granularity.ifPresent(copy::granularityBytes);
    bufferSize.ifPresent(copy::bufferSizeBytes);
    bandwidth.map(text -> BandwidthOption.parse(text, bytes)).ifPresent(copy::bandwidth);
    if (completes) {
      // The daemon completes the job, so that it ends well even if this process is gone by then.
      copy.thenComplete(
          pivot ? JobCompletion.JOB_COMPLETION_PIVOT : JobCompletion.JOB_COMPLETION_KEEP);
    }
    return copy;
  }

  private Image image() {
    if (destination.isPresent() == xml.isPresent()) {
      throw new CommandFailure("One of DEST and --xml is needed, and only one");
    }
    if (xml.isEmpty()) {
      return Image.newBuilder()
          .setPath(DiskSpecs.path(destination.get()))
          .setFormat(chosenFormat())
          .build();
    }
    exclusive("--xml", true, "--format", format.isPresent());
    exclusive("--xml", true, "--raw", raw);
    Image image =
        CopyDestination.parse(xml.get(), InputFile.bytes(xml.get(), session().surroundings().in()));
    return image.getFormat() == ImageFormat.IMAGE_FORMAT_UNSPECIFIED
        ? image.toBuilder().setFormat(formatOfActiveImage()).build()
        : image;
  }

  private ImageFormat chosenFormat() {
    if (raw && format.isPresent() && !format.get().equals("raw")) {
      throw new CommandFailure("Options --raw and --format %s contradict".formatted(format.get()));
    }
    if (raw) {
      return ImageFormat.IMAGE_FORMAT_RAW;
    }
    return format.map(ImageFormats::parse).orElseGet(this::formatOfActiveImage);
  }

  private ImageFormat formatOfActiveImage() {
    return domain().disk(path).chain().getImagesList().stream()
        .findFirst()
        .map(ChainImage::getFormat)
        .orElse(ImageFormat.IMAGE_FORMAT_UNSPECIFIED);
  }

  @Override
  String failure() {
    return "Failed to copy disk '%s' of domain '%s'".formatted(path, words());
  }
}
