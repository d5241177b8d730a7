package dev.drover.conformance.world;

import dev.drover.conformance.DiskContents;
import dev.drover.conformance.Fill;
import dev.drover.conformance.GuestWorld;
import dev.drover.conformance.ImageSetup;
import dev.drover.conformance.ImageView;
import dev.drover.conformance.bench.Calls;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.GuestDiscard;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.testing.v1.ImageReading;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.ReadImageResponse;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.testing.v1.WriteGuestRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import io.grpc.Channel;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Images and guests of the test driver, made through its control service. */
public final class TestDriverWorld implements GuestWorld {

  private final Supplier<Channel> channel;
  private final String connectionUri;

  /**
   * The world of a daemon anywhere.
   *
   * @param channel reaches the daemon, also after it was started again
   * @param connectionUri driver under test
   */
  public TestDriverWorld(Supplier<Channel> channel, String connectionUri) {
    this.channel = channel;
    this.connectionUri = connectionUri;
  }

  @Override
  public String directory(String label) {
    return "/conformance/" + label;
  }

  @Override
  public void removeDirectory(String path) {
    // The world ends with its daemon, and no two cases share a directory, nor two runs.
  }

  @Override
  public void create(ImageSetup image) {
    CreateImageRequest.Builder request =
        CreateImageRequest.newBuilder()
            .setPath(image.image().getPath())
            .setFormat(format(image.image().getFormat()))
            .setVirtualSizeBytes(image.sizeBytes())
            .addAllContents(writes(image.contents()));
    image
        .backing()
        .ifPresent(
            backing ->
                request
                    .setBackingReference(backing.reference())
                    .setBackingFormat(format(backing.image().getFormat())));
    var _ = stub().createImage(request.build());
  }

  @Override
  public void write(String domain, String target, List<Fill> writes) {
    var _ =
        stub()
            .writeGuest(
                WriteGuestRequest.newBuilder()
                    .setDomain(DomainRef.newBuilder().setName(domain))
                    .setDisk(target)
                    .addAllWrites(writes(writes))
                    .build());
  }

  @Override
  public void discard(String domain, String target, long offset, long length) {
    var _ =
        stub()
            .writeGuest(
                WriteGuestRequest.newBuilder()
                    .setDomain(DomainRef.newBuilder().setName(domain))
                    .setDisk(target)
                    .addDiscards(
                        GuestDiscard.newBuilder().setOffsetBytes(offset).setLengthBytes(length))
                    .build());
  }

  @Override
  public void flush(String domain, String target) {
    // The model has no caches.
  }

  @Override
  public ImageView look(Image image) {
    ReadImageResponse read = read(image, ImageReading.IMAGE_READING_HEADER);
    return read.getExists()
        ? new ImageView(true, read.getBackingReference(), Set.copyOf(read.getMomentsList()))
        : ImageView.missing();
  }

  @Override
  public DiskContents contents(Image image) {
    ReadImageResponse read = read(image, ImageReading.IMAGE_READING_CONTENTS);
    return DiskContents.zeros(read.getVirtualSizeBytes())
        .with(
            read.getContentsList().stream()
                .map(
                    range ->
                        new Fill(
                            range.getOffsetBytes(), range.getLengthBytes(), range.getPattern()))
                .toList());
  }

  private ReadImageResponse read(Image image, ImageReading reading) {
    return stub()
        .readImage(
            ReadImageRequest.newBuilder().setPath(image.getPath()).setReading(reading).build());
  }

  @Override
  public void createKernel(String path) {
    // The model's guests run no programs, and nobody reads their kernels.
  }

  @Override
  public Optional<String> printed(String log) {
    return Optional.empty();
  }

  private TestControlServiceGrpc.TestControlServiceBlockingStub stub() {
    return TestControlServiceGrpc.newBlockingStub(Calls.on(channel.get(), connectionUri).channel());
  }

  private static List<GuestWrite> writes(List<Fill> fills) {
    return fills.stream()
        .map(
            fill ->
                GuestWrite.newBuilder()
                    .setOffsetBytes(fill.offset())
                    .setLengthBytes(fill.length())
                    .setPattern(fill.pattern())
                    .build())
        .toList();
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
