package dev.drover.conformance.world;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.drover.conformance.DiskContents;
import dev.drover.conformance.Fill;
import dev.drover.conformance.GuestWorld;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.ImageView;
import dev.drover.conformance.bench.Calls;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainState;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import io.grpc.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Images made with QEMU's own tools, and guests that write through the monitor. */
public final class QemuWorld implements GuestWorld {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path root;
  private final QemuPrograms programs;
  private final Supplier<Channel> channel;
  private final String connectionUri;

  /**
   * The world of a daemon on this host.
   *
   * @param root where images are made; the daemon's user can read and write there
   * @param programs the QEMU whose tools make them
   * @param channel reaches the daemon, also after it was started again
   * @param connectionUri driver under test
   */
  public QemuWorld(
      Path root, QemuPrograms programs, Supplier<Channel> channel, String connectionUri) {
    this.root = root;
    this.programs = programs;
    this.channel = channel;
    this.connectionUri = connectionUri;
  }

  @Override
  public String directory(String label) {
    try {
      return Files.createDirectories(root.resolve(label)).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void removeDirectory(String path) {
    try (Stream<Path> files = Files.walk(Path.of(path))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void create(ImageSetup image) {
    String path = image.image().getPath();
    String format = format(image.image().getFormat());
    List<String> create =
        new ArrayList<>(List.of(programs.program("qemu-img"), "create", "-q", "-f", format));
    image
        .backing()
        .ifPresent(
            backing ->
                create.addAll(
                    List.of(
                        "-u",
                        "-b",
                        backing.reference(),
                        "-F",
                        format(backing.image().getFormat()))));
    create.addAll(List.of(path, Long.toString(image.sizeBytes())));
    var _ = Programs.run(create);
    if (!image.contents().isEmpty()) {
      List<String> fill = new ArrayList<>(List.of(programs.program("qemu-io"), "-f", format));
      for (Fill write : image.contents()) {
        fill.addAll(List.of("-c", command(write)));
      }
      fill.add(path);
      var _ = Programs.run(fill);
    }
  }

  @Override
  public void write(String domain, String target, List<Fill> writes) {
    Domain shown = domain(domain);
    try (DiagnosticMonitor monitor = monitor(shown)) {
      if (shown.getStatus().getState() == DomainState.DOMAIN_STATE_RUNNING) {
        await("the guest is let go").atMost(Calls.PATIENCE).until(monitor::guestRuns);
      }
      for (Fill write : writes) {
        monitor.io(target, command(write));
      }
      monitor.io(target, "flush");
    }
  }

  @Override
  public void discard(String domain, String target, long offset, long length) {
    try (DiagnosticMonitor monitor = monitor(domain(domain))) {
      monitor.io(target, "discard %d %d".formatted(offset, length));
    }
  }

  @Override
  public void flush(String domain, String target) {
    try (DiagnosticMonitor monitor = monitor(domain(domain))) {
      monitor.io(target, "flush");
    }
  }

  @Override
  public ImageView look(Image image) {
    Path path = Path.of(image.getPath());
    if (!Files.exists(path)) {
      return ImageView.missing();
    }
    String format = format(image.getFormat());
    String info =
        Programs.run(
            List.of(
                programs.program("qemu-img"),
                "info",
                "-U",
                "-f",
                format,
                "--output=json",
                path.toString()));
    JsonNode told = told(info);
    Set<String> moments = new HashSet<>();
    told.path("snapshots").forEach(moment -> moments.add(moment.path("name").asText()));
    return new ImageView(true, told.path("backing-filename").asText(""), moments);
  }

  @Override
  public DiskContents contents(Image image) {
    Path path = Path.of(image.getPath());
    if (!Files.exists(path)) {
      return DiskContents.zeros(0);
    }
    Path view = root.resolve("view.raw");
    var _ =
        Programs.run(
            List.of(
                programs.program("qemu-img"),
                "convert",
                "-U",
                "-f",
                format(image.getFormat()),
                "-O",
                "raw",
                path.toString(),
                view.toString()));
    try (InputStream disk = Files.newInputStream(view)) {
      return DiskContents.read(disk);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void createKernel(String path) {
    try {
      Files.write(Path.of(path), TellingKernel.image());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<String> printed(String log) {
    try {
      return Optional.of(Files.readString(Path.of(log), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode told(String info) {
    try {
      return JSON.readTree(info);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("qemu-img printed no JSON: " + info, e);
    }
  }

  /** The monitor beside the serial console's log, whose place the daemon tells. */
  private static DiagnosticMonitor monitor(Domain domain) {
    Path log = Path.of(domain.getStatus().getSerialLogPaths(0));
    return new DiagnosticMonitor(log.resolveSibling("qmp-diag"));
  }

  private Domain domain(String name) {
    return Calls.on(channel.get(), connectionUri)
        .domains()
        .getDomain(
            GetDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName(name)).build())
        .getDomain();
  }

  private static String command(Fill write) {
    return "write -P %d %d %d".formatted(write.pattern(), write.offset(), write.length());
  }

  private static String format(ImageFormat format) {
    return switch (format) {
      case IMAGE_FORMAT_RAW -> "raw";
      case IMAGE_FORMAT_QCOW2 -> "qcow2";
      case IMAGE_FORMAT_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("no image is made in " + format);
    };
  }
}
