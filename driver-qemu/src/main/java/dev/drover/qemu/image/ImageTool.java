package dev.drover.qemu.image;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.process.ToolMark;
import dev.drover.spi.DurationWords;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs {@code qemu-img}: always with explicit formats, never through a shell, and never longer than
 * told. The image it works on is opened for it and is its standard input ({@link HeldImage}).
 */
public final class ImageTool {

  private static final int OUTPUT_LIMIT_BYTES = 1 << 20;

  /** For reading what a tool that has ended has printed, which is in the pipe by then. */
  private static final Duration OUTPUT_DEADLINE = Duration.ofSeconds(10);

  private final Path program;
  private final ToolMark mark;
  private final ImagePaths paths;

  /**
   * A tool at this path.
   *
   * @param mark tells whose its processes are
   * @param paths where images may lie
   */
  public ImageTool(Path program, ToolMark mark, ImagePaths paths) {
    this.program = program;
    this.mark = mark;
    this.paths = paths;
  }

  /**
   * A backing image to be named in a header.
   *
   * @param reference the name as it is to stand there
   * @param format its format
   */
  public record Backing(String reference, ImageFormat format) {}

  /**
   * Makes an image in a file or device that is there, whatever that holds. The backing image is not
   * opened, so that it may be in use.
   *
   * @param backing backing image; absent: none
   * @param virtualSizeBytes size of the disk it describes
   * @throws DriverException NO_SPACE, IMAGE_ACCESS_DENIED, IMAGE_IN_USE, IMAGE_NOT_FOUND,
   *     PATH_NOT_ALLOWED, HYPERVISOR_REFUSED, HYPERVISOR_NOT_FOUND or DEADLINE_EXCEEDED
   */
  public void createOver(
      Path image,
      ImageFormat format,
      Optional<Backing> backing,
      long virtualSizeBytes,
      Duration deadline) {
    try (HeldImage held = HeldImage.open(image, paths)) {
      create(held, image, format, backing, virtualSizeBytes, deadline);
    }
  }

  /**
   * The same in an empty file that holds the image's place.
   *
   * @throws DriverException also DESTINATION_EXISTS (E18) where another file is there
   */
  public void createInPlace(
      Path image,
      ImageFormat format,
      Optional<Backing> backing,
      long virtualSizeBytes,
      Duration deadline) {
    try (HeldImage held = HeldImage.open(image, paths)) {
      held.requireEmpty();
      create(held, image, format, backing, virtualSizeBytes, deadline);
    }
  }

  /**
   * The same of an image whose file must not be there: one that comes up meanwhile is left alone,
   * and one that was begun is gone where it fails.
   */
  public void createNew(
      Path image,
      ImageFormat format,
      Optional<Backing> backing,
      long virtualSizeBytes,
      Duration deadline) {
    ImageFiles.createNew(image);
    Optional<FileIdentity> made = FileIdentity.of(image);
    try {
      createInPlace(image, format, backing, virtualSizeBytes, deadline);
    } catch (DriverException e) {
      if (made.equals(FileIdentity.of(image))) {
        removeRemains(image, e);
      }
      throw e;
    }
  }

  private void create(
      HeldImage held,
      Path image,
      ImageFormat format,
      Optional<Backing> backing,
      long virtualSizeBytes,
      Duration deadline) {
    List<String> arguments =
        new ArrayList<>(List.of("create", "-q", "-f", BlockdevOptions.driver(format)));
    backing.ifPresent(
        below ->
            arguments.addAll(
                List.of(
                    "-u", "-b", below.reference(), "-F", BlockdevOptions.driver(below.format()))));
    arguments.add(HeldImage.NAME);
    arguments.add(Long.toString(virtualSizeBytes));
    run(held, arguments, image, deadline);
  }

  /**
   * Rewrites the backing reference in a header without touching contents.
   *
   * @param backing what is to stand there; absent: none
   * @throws DriverException as {@link #createOver}
   */
  public void rebaseHeader(
      Path image, ImageFormat format, Optional<Backing> backing, Duration deadline) {
    List<String> arguments =
        new ArrayList<>(List.of("rebase", "-q", "-u", "-f", BlockdevOptions.driver(format)));
    arguments.add("-b");
    arguments.add(backing.map(Backing::reference).orElse(""));
    backing.ifPresent(
        below -> arguments.addAll(List.of("-F", BlockdevOptions.driver(below.format()))));
    arguments.add(HeldImage.NAME);
    run(arguments, image, deadline);
  }

  /** What is done with a moment that a qcow2 image keeps inside itself. */
  public enum MomentWork {
    /** The image keeps what it holds. */
    KEEP("-c"),
    /** The image holds what it held then; what it holds now is gone. */
    GO_BACK("-a"),
    /** The image keeps it no more. */
    LET_GO("-d");

    private final String option;

    MomentWork(String option) {
      this.option = option;
    }
  }

  /**
   * Works on a moment that a qcow2 image keeps inside itself. What the image reads below is not
   * opened, so that it may be in use.
   *
   * @param tag what the image calls the moment; never only digits, which would be taken for QEMU's
   *     own number of it
   * @throws DriverException as {@link #createOver}
   */
  public void moment(MomentWork work, Path image, String tag, Duration deadline) {
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    options.put("driver", "qcow2").putNull("backing");
    options.putObject("file").put("driver", "file").put("filename", HeldImage.NAME);
    run(List.of("snapshot", "-q", work.option, tag, "json:" + options), image, deadline);
  }

  /**
   * How much a qcow2 image takes at the least that is a copy of these, whatever a guest writes
   * meanwhile. What they hold is not changed, so that they may be in use.
   *
   * @param images a chain, or the upper part of one, from the top down
   * @param virtualSizeBytes size of the disk
   * @throws DriverException as {@link #createOver}
   */
  public long leastCopyBytes(List<ChainImage> images, long virtualSizeBytes, Duration deadline) {
    List<HeldImage> held = new ArrayList<>();
    try {
      for (ChainImage image : images) {
        held.add(HeldImage.open(Path.of(image.getPath()), paths));
      }
      String options = "json:" + readTogether(images, held);
      List<String> arguments =
          List.of("measure", "--force-share", "--output=json", "-O", "qcow2", options);
      return Qcow2Room.ofMeasure(
          run(held, arguments, held.getFirst().path(), deadline), virtualSizeBytes);
    } finally {
      held.forEach(HeldImage::close);
    }
  }

  private static ObjectNode readTogether(List<ChainImage> images, List<HeldImage> held) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    ImageFormat format = images.getFirst().getFormat();
    node.put("driver", BlockdevOptions.driver(format));
    node.putObject("file")
        .put("driver", BlockdevOptions.protocol(held.getFirst().path()))
        .put("filename", held.getFirst().nameAmongOthers());
    if (images.size() > 1) {
      node.set(
          "backing",
          readTogether(images.subList(1, images.size()), held.subList(1, images.size())));
    } else if (format == ImageFormat.IMAGE_FORMAT_QCOW2) {
      node.putNull("backing");
    }
    return node;
  }

  private void run(List<String> arguments, Path image, Duration deadline) {
    try (HeldImage held = HeldImage.open(image, paths)) {
      run(held, arguments, image, deadline);
    }
  }

  private void run(HeldImage held, List<String> arguments, Path image, Duration deadline) {
    var _ = run(List.of(held), arguments, image, deadline);
  }

  private String run(List<HeldImage> held, List<String> arguments, Path image, Duration deadline) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(mark.environment());
    builder.redirectInput(held.getFirst().input());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_HYPERVISOR_NOT_FOUND,
          "the image tool '%s' cannot be run; install QEMU's image tools or set qemu-img-binary"
              .formatted(program),
          "path",
          program.toString());
    }
    try {
      CompletableFuture<String> output = readOutput(process);
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
            "%s of image '%s' did not end within %s and was ended"
                .formatted(arguments.getFirst(), image, DurationWords.of(deadline)),
            "path",
            image.toString());
      }
      String text = output.get(OUTPUT_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      if (process.exitValue() != 0) {
        throw failure(arguments.getFirst(), image, withPaths(text.strip(), held));
      }
      return text;
    } catch (TimeoutException | ExecutionException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
          "what %s of image '%s' printed could not be read to its end"
              .formatted(arguments.getFirst(), image),
          "path",
          image.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_CALL_CANCELLED,
          "the work on image '%s' was given up".formatted(image),
          "path",
          image.toString());
    } finally {
      process.destroyForcibly();
    }
  }

  private static String withPaths(String text, List<HeldImage> held) {
    String told = text.replace(HeldImage.NAME, held.getFirst().path().toString());
    for (HeldImage image : held) {
      told =
          told.replaceAll(
              Pattern.quote(image.nameAmongOthers()) + "\\b",
              Matcher.quoteReplacement(image.path().toString()));
    }
    return told;
  }

  private static CompletableFuture<String> readOutput(Process process) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (var stream = process.getInputStream()) {
            return new String(stream.readNBytes(OUTPUT_LIMIT_BYTES), StandardCharsets.UTF_8);
          } catch (IOException e) {
            return "(its output could not be read: " + e.getMessage() + ")";
          }
        },
        Thread::startVirtualThread);
  }

  private DriverException failure(String what, Path image, String output) {
    ErrorReason reason;
    String next;
    if (ImageFiles.tellsNoSpace(output)) {
      reason = ErrorReason.ERROR_REASON_NO_SPACE;
      next = ImageFiles.MAKE_ROOM;
    } else if (output.contains("Permission denied") || output.contains("Read-only file system")) {
      reason = ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED;
      next = "let user '%s' write to it".formatted(System.getProperty("user.name"));
    } else if (output.contains("lock")) {
      reason = ErrorReason.ERROR_REASON_IMAGE_IN_USE;
      next = "end whoever has it open, then try again";
    } else if (output.contains("No such file or directory")) {
      reason = ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND;
      next = "restore the file, or name another one";
    } else {
      reason = ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED;
      next = "see what '%s check' finds in it".formatted(program.getFileName());
    }
    return DriverException.of(
        reason,
        "%s of image '%s' failed: %s; %s"
            .formatted(what, image, output.replace(program.getFileName() + ": ", ""), next),
        "path",
        image.toString(),
        "command",
        program.getFileName() + " " + what);
  }

  private static void removeRemains(Path image, DriverException failure) {
    try {
      Files.deleteIfExists(image);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
