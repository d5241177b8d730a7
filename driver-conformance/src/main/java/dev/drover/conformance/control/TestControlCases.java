package dev.drover.conformance.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import dev.drover.conformance.Case;
import dev.drover.conformance.DiskContents;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.BackingHeader;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.GuestDiscard;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.testing.v1.ImageReading;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.ReadImageResponse;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.testing.v1.WriteGuestRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Disk;
import dev.drover.v1.DiskDiscard;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.util.List;

/** What tests make, look at and move in the world of a driver made for them. */
@Needs({Capability.CAPABILITY_TEST_CONTROL, Capability.CAPABILITY_BLOCK_CHAIN})
public final class TestControlCases {

  private static final long SIZE = 8 * Fill.BLOCK;

  private final Bench bench;

  /** Works on a bench. */
  public TestControlCases(Bench bench) {
    this.bench = bench;
  }

  @Case("an image shows what it was made with, over what the images below it hold")
  @Requirement("R17")
  public void contents() {
    String base = bench.path("base.raw");
    String top = bench.path("top.qcow2");
    create(image(base, "raw").setVirtualSizeBytes(SIZE).addContents(write(0, 3, 0x11)));
    create(
        image(top, "qcow2")
            .setBackingReference("base.raw")
            .setBackingFormat("raw")
            .addContents(write(1, 1, 0x22))
            .addContents(write(2, 2, 0x11))
            .addContents(write(7, 1, 0)));

    ReadImageResponse read = read(top, ImageReading.IMAGE_READING_CONTENTS);

    assertThat(read.getExists()).isTrue();
    assertThat(read.getVirtualSizeBytes()).as("the size of the image below").isEqualTo(SIZE);
    assertThat(read.getBackingReference()).isEqualTo("base.raw");
    assertThat(read.getContentsList())
        .as("neighbours with the same byte are one range, and zeros are none")
        .containsExactly(write(0, 1, 0x11), write(1, 1, 0x22), write(2, 2, 0x11));
    assertThat(read.getSha256()).isEmpty();
  }

  @Case("two images have the same checksum where they show the same, however that came about")
  @Requirement("R17")
  public void checksum() {
    String whole = bench.path("whole.raw");
    String parts = bench.path("parts.qcow2");
    create(image(whole, "raw").setVirtualSizeBytes(SIZE).addContents(write(0, 4, 0x11)));
    create(
        image(parts, "qcow2")
            .setVirtualSizeBytes(SIZE)
            .addContents(write(2, 2, 0x11))
            .addContents(write(0, 2, 0x11)));

    String checksum = read(whole, ImageReading.IMAGE_READING_CHECKSUM).getSha256();

    assertThat(checksum).matches("[0-9a-f]{64}");
    assertThat(read(parts, ImageReading.IMAGE_READING_UNSPECIFIED).getSha256())
        .as("without a word about what is wanted")
        .isEqualTo(checksum);
    create(image(bench.path("other.raw"), "raw").setVirtualSizeBytes(SIZE));
    assertThat(read(bench.path("other.raw"), ImageReading.IMAGE_READING_CHECKSUM).getSha256())
        .isNotEqualTo(checksum);
  }

  @Case("an image that cannot be made is refused, and what is there stays as it is")
  @Requirement({"R17", "R18"})
  public void refused() {
    String path = bench.path("one.raw");
    create(image(path, "raw").setVirtualSizeBytes(SIZE).addContents(write(0, 1, 0x11)));

    Refusal.of(() -> create(image(path, "raw").setVirtualSizeBytes(SIZE)))
        .is(ErrorReason.ERROR_REASON_DESTINATION_EXISTS);
    Refusal.of(
            () ->
                create(
                    image(bench.path("two.raw"), "raw")
                        .setVirtualSizeBytes(SIZE)
                        .addContents(write(7, 2, 0x11))))
        .is(ErrorReason.ERROR_REASON_OUT_OF_RANGE);
    Refusal.of(() -> create(image(bench.path("two.raw"), "vmdk").setVirtualSizeBytes(SIZE)))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
    Refusal.of(
            () ->
                change(
                    ChangeImageRequest.newBuilder().setPath(bench.path("two.raw")).setRemove(true)))
        .is(ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND);

    for (CreateImageRequest.Builder huge :
        List.of(
            image(bench.path("two.raw"), "raw").setVirtualSizeBytes(1L << 47),
            image(bench.path("two.raw"), "raw")
                .setVirtualSizeBytes(1L << 46)
                .addContents(write(0, 1L << 18, 0x11))
                .addContents(write(1L << 18, 1, 0x11)))) {
      Refusal.of(() -> create(huge)).is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT).names("field");
    }

    assertThat(bench.world().contents(raw(path)))
        .isEqualTo(DiskContents.zeros(SIZE).with(List.of(new Fill(0, Fill.BLOCK, 0x11))));
    assertThat(read(bench.path("two.raw"), ImageReading.IMAGE_READING_HEADER))
        .as("an image that was not made")
        .isEqualTo(ReadImageResponse.getDefaultInstance());
  }

  @Case("somebody changes images past the daemon: their headers, their files, their being there")
  @Requirement({"R17", "R8"})
  public void pastTheDaemon() {
    String base = bench.path("base.raw");
    String top = bench.path("top.qcow2");
    create(image(base, "raw").setVirtualSizeBytes(SIZE).addContents(write(0, 1, 0x11)));
    create(image(top, "qcow2").setVirtualSizeBytes(SIZE));

    change(
        ChangeImageRequest.newBuilder()
            .setPath(top)
            .setHeader(BackingHeader.newBuilder().setReference(base).setFormat("raw")));
    assertThat(read(top, ImageReading.IMAGE_READING_CONTENTS).getContentsList())
        .containsExactly(write(0, 1, 0x11));

    change(ChangeImageRequest.newBuilder().setPath(base).setReplace(true));
    assertThat(read(base, ImageReading.IMAGE_READING_CONTENTS).getContentsList())
        .as("the same bytes in another file")
        .containsExactly(write(0, 1, 0x11));

    change(ChangeImageRequest.newBuilder().setPath(base).setRemove(true));
    assertThat(read(base, ImageReading.IMAGE_READING_HEADER).getExists()).isFalse();
    assertThat(read(top, ImageReading.IMAGE_READING_HEADER).getBackingReference())
        .as("a header is read though what it names is gone")
        .isEqualTo(base);
  }

  @Case("what a guest writes and discards is in its image at once")
  @Requirement("R17")
  public void guest() {
    String path = bench.path("disk.raw");
    create(image(path, "raw").setVirtualSizeBytes(SIZE));
    TestDomain domain =
        bench
            .define(
                bench.spec(
                    bench.name("vm"),
                    Disk.newBuilder()
                        .setTarget("vda")
                        .setSource(raw(path))
                        .setDiscard(DiskDiscard.DISK_DISCARD_UNMAP)
                        .build()))
            .start();

    var _ =
        stub()
            .writeGuest(
                WriteGuestRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .addWrites(write(0, 4, 0x11))
                    .addWrites(write(1, 1, 0x22))
                    .addDiscards(
                        GuestDiscard.newBuilder()
                            .setOffsetBytes(2 * Fill.BLOCK)
                            .setLengthBytes(Fill.BLOCK))
                    .build());

    assertThat(read(path, ImageReading.IMAGE_READING_CONTENTS).getContentsList())
        .containsExactly(write(0, 1, 0x11), write(1, 1, 0x22), write(3, 1, 0x11));
    Refusal.of(
            () -> {
              var _ =
                  stub()
                      .writeGuest(
                          WriteGuestRequest.newBuilder()
                              .setDomain(domain.ref())
                              .setDisk("vda")
                              .addWrites(write(7, 2, 0x11))
                              .build());
            })
        .is(ErrorReason.ERROR_REASON_OUT_OF_RANGE);
  }

  @Case("time that stands lets a job stand, and time that is moved lets it come as far as it would")
  @Requirement("R17")
  @Needs(Capability.CAPABILITY_BLOCK_PULL)
  public void clock() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    bench.onClose(() -> clock(false));
    clock(true);
    Job job =
        bench
            .jobs()
            .pull(
                BlockPullRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setBandwidth(JobCalls.CRAWL));

    advance(1);
    Job standing = bench.jobs().get(job);
    assertThat(standing.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(bench.jobs().get(job).getProgress())
        .as("nothing goes on while time stands")
        .isEqualTo(standing.getProgress());

    advance(DiskSize.LARGE.bytes() / JobCalls.CRAWL.getBytesPerSecond());
    assertThat(bench.jobs().get(job).getState())
        .as("all that was due has happened when the call returns")
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  private void create(CreateImageRequest.Builder request) {
    var _ = stub().createImage(request.build());
  }

  private void change(ChangeImageRequest.Builder request) {
    var _ = stub().changeImage(request.build());
  }

  private void clock(boolean manual) {
    var _ = stub().setClock(SetClockRequest.newBuilder().setManual(manual).build());
  }

  private void advance(long seconds) {
    var _ =
        stub()
            .advanceClock(
                AdvanceClockRequest.newBuilder()
                    .setDuration(Durations.fromSeconds(seconds))
                    .build());
  }

  private ReadImageResponse read(String path, ImageReading reading) {
    return stub()
        .readImage(ReadImageRequest.newBuilder().setPath(path).setReading(reading).build());
  }

  private static CreateImageRequest.Builder image(String path, String format) {
    return CreateImageRequest.newBuilder().setPath(path).setFormat(format);
  }

  private static Image raw(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_RAW).build();
  }

  /** A range in blocks. */
  private static GuestWrite write(long block, long blocks, int pattern) {
    return GuestWrite.newBuilder()
        .setOffsetBytes(block * Fill.BLOCK)
        .setLengthBytes(blocks * Fill.BLOCK)
        .setPattern(pattern)
        .build();
  }

  private TestControlServiceGrpc.TestControlServiceBlockingStub stub() {
    return TestControlServiceGrpc.newBlockingStub(bench.calls().channel())
        .withDeadlineAfter(bench.calls().patience());
  }
}
