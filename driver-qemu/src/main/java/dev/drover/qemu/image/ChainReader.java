package dev.drover.qemu.image;

import dev.drover.spi.block.Chain;
import dev.drover.spi.chain.HeaderTrouble;
import dev.drover.spi.chain.HeaderView;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads a disk's backing chain from the headers of its images. The active image is of the format
 * its spec declares, each further one of the format that the header above declares; nothing is ever
 * guessed from contents (E12). Every image must lie where {@link ImagePaths} allows. It opens files
 * for reading only and keeps none open.
 */
public final class ChainReader {

  /** QEMU opens chains recursively; real ones are shorter by far. */
  private static final int MAX_IMAGES = 256;

  /** Longer than a disk takes that has minutes of other people's data to write. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** For questions about disks of others, whose storage must not hold up whoever asks. */
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(5);

  private final ImagePaths paths;
  private final Duration patience;

  /** Makes a reader that obeys this rule of paths. */
  public ChainReader(ImagePaths paths) {
    this(paths, PATIENCE);
  }

  private ChainReader(ImagePaths paths, Duration patience) {
    this.paths = paths;
    this.patience = patience;
  }

  /** One that gives a file system that does not answer up soon. */
  public ChainReader briefly() {
    return new ChainReader(paths, SHORT_PATIENCE);
  }

  /**
   * The chain of a disk.
   *
   * @param domain name of the domain, for errors
   * @param disk target of the disk
   * @param source the active image
   * @throws DriverException IMAGE_NOT_FOUND, IMAGE_ACCESS_DENIED or IMAGE_FORMAT_MISMATCH about the
   *     active image; BACKING_IMAGE_INVALID, BACKING_FORMAT_MISSING or IMAGE_ACCESS_DENIED about
   *     one below; PATH_NOT_ALLOWED about either; DEADLINE_EXCEEDED where a file system does not
   *     answer
   */
  public Chain read(String domain, String disk, Image source) {
    return readChecked(domain, disk, source).chain();
  }

  /** The same with the files that were read, for whoever has a process open them. */
  public CheckedChain readChecked(String domain, String disk, Image source) {
    return asked(source.getPath(), () -> chain(domain, disk, source));
  }

  private CheckedChain chain(String domain, String disk, Image source) {
    List<ChainImage> images = new ArrayList<>();
    List<CheckedFile> files = new ArrayList<>();
    Set<FileIdentity> seen = new HashSet<>();
    Path path = paths.requireAsked(source.getPath());
    ImageFormat format = source.getFormat();
    Optional<String> above = Optional.empty();
    while (true) {
      Found found = examine(path, format, above);
      if (!seen.add(found.identity()) || images.size() == MAX_IMAGES) {
        throw backingInvalid(
            above.orElse(path.toString()),
            path.toString(),
            images.size() == MAX_IMAGES
                ? "the chain has more than " + MAX_IMAGES + " images"
                : "the chain leads back to itself");
      }
      images.add(found.image());
      files.add(new CheckedFile(found.image().getPath(), found.identity()));
      if (found.image().getBackingReference().isEmpty()) {
        return new CheckedChain(new Chain(domain, disk, images), files);
      }
      above = Optional.of(path.toString());
      format = backingFormat(path, found);
      Path below = named(path, found.image().getBackingReference());
      FileQuestions.HOST.scouts().look(below.toString());
      path = paths.requireAsked(below.toString());
    }
  }

  /**
   * One image without what is below it.
   *
   * @throws DriverException as {@link #read} about the active image
   */
  public ChainImage readOne(Image image) {
    return asked(
        image.getPath(),
        () ->
            examine(paths.requireAsked(image.getPath()), image.getFormat(), Optional.empty())
                .image());
  }

  /**
   * Whether an image's file is gone for good, as far as can be seen. Where its directory is not
   * there either, its file system may only be missing at the moment.
   *
   * @throws DriverException DEADLINE_EXCEEDED where the file system does not answer
   */
  public boolean gone(String image) {
    Path path = Path.of(image);
    return asked(
        image,
        () ->
            Files.notExists(path)
                && Optional.ofNullable(path.getParent()).filter(Files::isDirectory).isPresent());
  }

  /**
   * Refuses to have an image name a backing file whose name its header cannot hold.
   *
   * @param reference what the header is to name; empty: nothing
   * @throws DriverException BACKING_IMAGE_INVALID, and as {@link #read} about the active image
   */
  public void requireRoomFor(Image image, String reference) {
    int needed = reference.getBytes(StandardCharsets.UTF_8).length;
    int room = asked(image.getPath(), () -> room(image));
    if (needed > room) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
          ("image '%s' cannot name '%s' as its backing file: the name has %d bytes, and its header"
                  + " has room for %d; keep references relative, or move the images to a shorter"
                  + " path")
              .formatted(image.getPath(), reference, needed, room),
          "path",
          image.getPath(),
          "backing",
          reference);
    }
  }

  private int room(Image image) {
    Path path = paths.requireAsked(image.getPath());
    var _ = examine(path, image.getFormat(), Optional.empty());
    if (image.getFormat() != ImageFormat.IMAGE_FORMAT_QCOW2) {
      return 0;
    }
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      return HeaderRoom.of(file);
    } catch (IOException e) {
      throw accessDenied(path, Permissions.Access.READ, e);
    }
  }

  /**
   * What one header says; whatever keeps it from being read or used is told and never thrown. What
   * it names is not looked at.
   */
  public HeaderView header(Image image) {
    try {
      return asked(image.getPath(), () -> readHeader(image));
    } catch (DriverException e) {
      HeaderTrouble.Kind kind =
          switch (e.reason()) {
            case ERROR_REASON_IMAGE_NOT_FOUND,
                ERROR_REASON_IMAGE_ACCESS_DENIED,
                ERROR_REASON_DEADLINE_EXCEEDED ->
                HeaderTrouble.Kind.MISSING;
            case ERROR_REASON_IMAGE_FORMAT_MISMATCH -> HeaderTrouble.Kind.FORMAT;
            default -> HeaderTrouble.Kind.REFERENCE;
          };
      return HeaderView.unusable(
          image.getPath(), image.getFormat(), kind, String.valueOf(e.getMessage()));
    }
  }

  private HeaderView readHeader(Image image) {
    Path path = paths.requireAsked(image.getPath());
    Found found = examine(path, image.getFormat(), Optional.empty());
    String reference = found.image().getBackingReference();
    return HeaderView.of(
        found.image(),
        reference.isEmpty() ? Optional.empty() : Optional.of(backing(path, found, reference)));
  }

  private HeaderView.Backing backing(Path path, Found found, String reference) {
    Path below = named(path, reference);
    FileQuestions.HOST.scouts().look(below.toString());
    return new HeaderView.Backing(
        reference,
        paths.requireAsked(below.toString()).toString(),
        found.backingFormat().orElse(""),
        found.backingFormat().flatMap(ChainReader::known));
  }

  /** What is known of files is asked of file systems that may never answer. */
  private <T> T asked(String path, Supplier<T> question) {
    return ImageFiles.asked(FileQuestions.HOST, path, patience, question);
  }

  /** Where a backing reference leads, as QEMU resolves it, be it allowed or not. */
  private static Path named(Path image, String reference) {
    String plain = reference.startsWith("file:") ? reference.substring(5) : reference;
    int colon = plain.indexOf(':');
    int slash = plain.indexOf('/');
    if (colon >= 0 && (slash < 0 || colon < slash)) {
      throw backingInvalid(
          image.toString(), reference, "only files and block devices of the host are supported");
    }
    if (plain.isEmpty() || plain.chars().anyMatch(Character::isISOControl)) {
      throw backingInvalid(
          image.toString(),
          reference.replaceAll("\\p{Cntrl}", "?"),
          "its name has control characters or is empty");
    }
    return image.resolveSibling(plain);
  }

  private record Found(ChainImage image, Optional<String> backingFormat, FileIdentity identity) {}

  private Found examine(Path path, ImageFormat format, Optional<String> above) {
    FileQuestions.HOST.scouts().open(path.toString());
    try {
      if (!Files.isRegularFile(path) && !ImageFiles.isBlockDevice(path) && Files.exists(path)) {
        throw mismatch(path, format, above, "it is neither a file nor a block device");
      }
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
        ChainImage.Builder image =
            ChainImage.newBuilder()
                .setPath(path.toString())
                .setFormat(format)
                .setAllocatedBytes(AllocatedBytes.of(path));
        Optional<String> backingFormat = Optional.empty();
        switch (format) {
          case IMAGE_FORMAT_RAW -> image.setVirtualSizeBytes(file.size());
          case IMAGE_FORMAT_QCOW2 -> {
            Qcow2Header header = Qcow2Header.read(file);
            image
                .setVirtualSizeBytes(header.virtualSizeBytes())
                .setBackingReference(header.backingReference());
            backingFormat = header.backingFormat();
          }
          case IMAGE_FORMAT_UNSPECIFIED, UNRECOGNIZED ->
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
                  "image '%s' needs a format; none is ever guessed".formatted(path),
                  "field",
                  "format",
                  "path",
                  path.toString());
        }
        return new Found(image.build(), backingFormat, identity(path));
      }
    } catch (Qcow2Header.NotUsable e) {
      throw mismatch(path, format, above, e.why());
    } catch (NoSuchFileException e) {
      if (above.isPresent()) {
        throw backingInvalid(above.get(), path.toString(), "it does not exist");
      }
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
          "image '%s' does not exist; put it back, or name another".formatted(path),
          "path",
          path.toString());
    } catch (AccessDeniedException e) {
      throw accessDenied(path, Permissions.Access.READ, e);
    } catch (IOException e) {
      if (above.isPresent()) {
        throw backingInvalid(above.get(), path.toString(), "it cannot be read: " + e.getMessage());
      }
      throw accessDenied(path, Permissions.Access.READ, e);
    }
  }

  /**
   * Refuses an image that the daemon may not write to, before a hypervisor tries (R11).
   *
   * @throws DriverException IMAGE_ACCESS_DENIED
   */
  public void requireWritable(ChainImage image) {
    requireWritable(image.getPath());
  }

  /** The same of an image's file. */
  public void requireWritable(String file) {
    Path path = Path.of(file);
    Optional<DriverException> denied =
        asked(
            file,
            () ->
                Files.isWritable(path)
                    ? Optional.empty()
                    : Optional.of(
                        accessDenied(
                            path, Permissions.Access.WRITE, new AccessDeniedException(file))));
    if (denied.isPresent()) {
      throw denied.get();
    }
  }

  private static FileIdentity identity(Path path) throws IOException {
    return FileIdentity.of(path).orElseThrow(() -> new NoSuchFileException(path.toString()));
  }

  private static ImageFormat backingFormat(Path image, Found found) {
    String reference = found.image().getBackingReference();
    String name =
        found
            .backingFormat()
            .orElseThrow(
                () ->
                    DriverException.of(
                        ErrorReason.ERROR_REASON_BACKING_FORMAT_MISSING,
                        ("image '%s' names the backing file '%s' without its format; write it into"
                                + " the header with: qemu-img rebase -u -b BACKING -F FORMAT IMAGE")
                            .formatted(image, reference),
                        "path",
                        image.toString(),
                        "backing",
                        reference));
    return known(name)
        .orElseThrow(
            () ->
                backingInvalid(
                    image.toString(), reference, "its format '" + name + "' is not supported"));
  }

  /** The format that a name in a header means, where Drover knows it. */
  private static Optional<ImageFormat> known(String name) {
    return switch (name) {
      case "qcow2" -> Optional.of(ImageFormat.IMAGE_FORMAT_QCOW2);
      case "raw", "file", "host_device" -> Optional.of(ImageFormat.IMAGE_FORMAT_RAW);
      default -> Optional.empty();
    };
  }

  private static DriverException accessDenied(
      Path path, Permissions.Access access, IOException cause) {
    return DriverException.causedBy(
        cause,
        ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
        "user '%s' may not %s image '%s': %s"
            .formatted(
                System.getProperty("user.name"),
                access.word(),
                path,
                cause instanceof AccessDeniedException
                    ? Permissions.why(path, access)
                    : cause.getMessage()),
        "path",
        path.toString(),
        "access",
        access.word());
  }

  private static DriverException mismatch(
      Path path, ImageFormat format, Optional<String> above, String why) {
    if (above.isPresent()) {
      return backingInvalid(above.get(), path.toString(), why);
    }
    return DriverException.of(
        ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH,
        "image '%s' is declared as %s, but %s".formatted(path, BlockdevOptions.driver(format), why),
        "path",
        path.toString(),
        "format",
        BlockdevOptions.driver(format));
  }

  private static DriverException backingInvalid(String image, String backing, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        "image '%s' cannot be used: its backing file '%s' is missing or unusable: %s"
            .formatted(image, backing, why),
        "path",
        image,
        "backing",
        backing);
  }
}
