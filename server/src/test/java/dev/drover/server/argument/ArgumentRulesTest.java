package dev.drover.server.argument;

import static dev.drover.v1.ErrorReason.ERROR_REASON_INVALID_ARGUMENT;
import static dev.drover.v1.ErrorReason.ERROR_REASON_OUT_OF_RANGE;
import static dev.drover.v1.ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import dev.drover.spi.error.DriverException;
import dev.drover.testing.v1.BackingHeader;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainFilter;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.SetJobSpeedRequest;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.VerifyChainRequest;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused before a driver sees it. */
class ArgumentRulesTest {

  private static final DomainRef WEB = DomainRef.newBuilder().setName("web").build();
  private static final BlockRebaseRequest REBASE =
      BlockRebaseRequest.newBuilder().setDomain(WEB).setDisk("vda").build();
  private static final BlockCommitRequest COMMIT =
      BlockCommitRequest.newBuilder().setDomain(WEB).setDisk("vda").build();
  private static final BlockCopyRequest COPY =
      BlockCopyRequest.newBuilder()
          .setDomain(WEB)
          .setDisk("vda")
          .setDestination(
              Image.newBuilder().setPath("/copy").setFormat(ImageFormat.IMAGE_FORMAT_RAW))
          .build();

  /** One that begins with a snapshot. */
  private static final BlockCopyRequest BEGUN = COPY.toBuilder().clearDomain().build();

  private final ArgumentRules rules = new ArgumentRules();

  private static Arguments wrong(ErrorReason reason, String field, Message request) {
    return Arguments.of(reason, field, request);
  }

  private static Arguments wrong(String field, Message request) {
    return wrong(ERROR_REASON_INVALID_ARGUMENT, field, request);
  }

  private static Bandwidth mebibytes(long value) {
    return Bandwidth.newBuilder().setMebibytesPerSecond(value).build();
  }

  private static Bandwidth bytes(long value) {
    return Bandwidth.newBuilder().setBytesPerSecond(value).build();
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        wrong("domain", StartDomainRequest.getDefaultInstance()),
        wrong("domain", GetDomainRequest.getDefaultInstance()),
        wrong(
            "domain.name",
            StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("")).build()),
        wrong(
            "domain.uuid",
            StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setUuid("x")).build()),
        wrong(
            "domain.id",
            StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setId(0)).build()),
        wrong(
            "request_id",
            StartDomainRequest.newBuilder().setDomain(WEB).setRequestId("r".repeat(65)).build()),
        wrong("spec", DefineDomainRequest.getDefaultInstance()),
        wrong("page_size", ListDomainsRequest.newBuilder().setPageSize(-1).build()),
        wrong("page_size", ListJobsRequest.newBuilder().setPageSize(-1).build()),
        wrong(
            "read_mask",
            ListDomainsRequest.newBuilder()
                .setReadMask(FieldMask.newBuilder().addPaths("spec.colour"))
                .build()),
        wrong("job_id", GetJobRequest.getDefaultInstance()),
        wrong("completion", CompleteJobRequest.newBuilder().setJobId("j").build()),
        wrong("disk", COMMIT.toBuilder().clearDisk().build()),
        wrong("base", COMMIT.toBuilder().setShallow(true).setBase("/base").build()),
        wrong("base", COMMIT.toBuilder().setShallow(true).setBase("").build()),
        wrong("top", COMMIT.toBuilder().setTop("").build()),
        wrong("job_id", COMMIT.toBuilder().setJobId("a b").build()),
        wrong("job_id", COMMIT.toBuilder().setJobId("j".repeat(65)).build()),
        wrong(
            "keep_relative",
            BlockPullRequest.newBuilder()
                .setDomain(WEB)
                .setDisk("vda")
                .setKeepRelative(true)
                .build()),
        wrong(
            ERROR_REASON_OUT_OF_RANGE,
            "bandwidth.mebibytes_per_second",
            COMMIT.toBuilder().setBandwidth(mebibytes(8_796_093_022_208L)).build()),
        wrong(
            ERROR_REASON_OUT_OF_RANGE,
            "bandwidth.mebibytes_per_second",
            COMMIT.toBuilder().setBandwidth(mebibytes(-1)).build()),
        wrong(
            ERROR_REASON_OUT_OF_RANGE,
            "bandwidth.bytes_per_second",
            SetJobSpeedRequest.newBuilder()
                .setJobId("j")
                .setBandwidth(bytes(Long.MIN_VALUE))
                .build()),
        wrong("destination", COPY.toBuilder().clearDestination().build()),
        wrong(
            "destination.path",
            COPY.toBuilder()
                .setDestination(Image.newBuilder().setFormat(ImageFormat.IMAGE_FORMAT_RAW))
                .build()),
        wrong(
            ERROR_REASON_PATH_NOT_ALLOWED,
            "destination.path",
            COPY.toBuilder()
                .setDestination(
                    Image.newBuilder().setPath("copy").setFormat(ImageFormat.IMAGE_FORMAT_RAW))
                .build()),
        wrong(ERROR_REASON_PATH_NOT_ALLOWED, "destination.path", copyTo("/" + "ä".repeat(128))),
        wrong(ERROR_REASON_PATH_NOT_ALLOWED, "destination.path", copyTo("/a".repeat(2048))),
        wrong(
            "destination.format",
            COPY.toBuilder().setDestination(Image.newBuilder().setPath("/copy")).build()),
        wrong("granularity_bytes", COPY.toBuilder().setGranularityBytes(1000).build()),
        wrong("granularity_bytes", COPY.toBuilder().setGranularityBytes(256).build()),
        wrong("granularity_bytes", COPY.toBuilder().setGranularityBytes(1 << 27).build()),
        wrong("buffer_size_bytes", COPY.toBuilder().setBufferSizeBytes((1L << 30) + 1).build()),
        wrong("domain", VerifyChainRequest.newBuilder().setDisk("vda").build()),
        wrong("disk", VerifyChainRequest.newBuilder().setDomain(WEB).build()),
        wrong("disk", RepairChainRequest.newBuilder().setDomain(WEB).build()),
        wrong(
            "request_id",
            RepairChainRequest.newBuilder()
                .setDomain(WEB)
                .setDisk("vda")
                .setRequestId("r".repeat(65))
                .build()),
        wrong("change", ChangeImageRequest.newBuilder().setPath("/i").build()),
        wrong("change", ChangeImageRequest.newBuilder().setPath("/i").setRemove(false).build()),
        wrong(
            "header.format",
            ChangeImageRequest.newBuilder()
                .setPath("/i")
                .setHeader(BackingHeader.newBuilder().setFormat("vmdk"))
                .build()),
        wrong("name", CreateSnapshotRequest.newBuilder().setDomain(WEB).setName("a/b").build()),
        wrong(
            "memory.path",
            CreateSnapshotRequest.newBuilder()
                .setDomain(WEB)
                .setMemory(SnapshotMemory.getDefaultInstance())
                .build()),
        wrong(
            "memory.size_bytes",
            CreateSnapshotRequest.newBuilder()
                .setDomain(WEB)
                .setMemory(SnapshotMemory.newBuilder().setPath("/m").setSizeBytes(1))
                .build()),
        wrong(
            "live_memory",
            CreateSnapshotRequest.newBuilder()
                .setDomain(WEB)
                .setLiveMemory(LiveMemory.getDefaultInstance())
                .build()),
        wrong(
            "live_memory",
            internal()
                .setMemory(SnapshotMemory.getDefaultInstance())
                .setLiveMemory(LiveMemory.getDefaultInstance())
                .build()),
        wrong(ERROR_REASON_OUT_OF_RANGE, "live_memory.hold_after", live(Durations.fromMillis(999))),
        wrong(
            ERROR_REASON_OUT_OF_RANGE,
            "live_memory.hold_after",
            live(Durations.fromMillis(3_600_001))),
        wrong("copies[0].domain", snapshot(COPY)),
        wrong("copies[0].disk", snapshot(BEGUN.toBuilder().clearDisk().build())),
        wrong("copies[0].destination", snapshot(BEGUN.toBuilder().clearDestination().build())),
        wrong("copies[0].request_id", snapshot(BEGUN.toBuilder().setRequestId("a").build())),
        wrong("copies[0].validate_only", snapshot(BEGUN.toBuilder().setValidateOnly(true).build())),
        wrong(
            "copies[0].granularity_bytes",
            snapshot(BEGUN.toBuilder().setGranularityBytes(513).build())),
        wrong("copies[1].disk", snapshot(BEGUN, BEGUN)),
        wrong(
            "copies[1].job_id",
            snapshot(
                BEGUN.toBuilder().setJobId("a").build(),
                BEGUN.toBuilder().setDisk("vdb").setJobId("a").build())),
        wrong("copies", internal().addCopies(BEGUN).build()),
        wrong("no_metadata", internal().setNoMetadata(true).build()),
        wrong("reuse_external", internal().setReuseExternal(true).build()),
        wrong(
            "memory.path", internal().setMemory(SnapshotMemory.newBuilder().setPath("/m")).build()),
        wrong(
            "disks[0].mode",
            CreateSnapshotRequest.newBuilder()
                .setDomain(WEB)
                .addDisks(
                    SnapshotDisk.newBuilder()
                        .setTarget("vda")
                        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL))
                .build()),
        wrong(
            "disks[0].overlay.format",
            CreateSnapshotRequest.newBuilder()
                .setDomain(WEB)
                .addDisks(
                    SnapshotDisk.newBuilder()
                        .setTarget("vda")
                        .setOverlay(
                            Image.newBuilder()
                                .setPath("/o")
                                .setFormat(ImageFormat.IMAGE_FORMAT_RAW)))
                .build()),
        wrong(
            "live_only", WatchRequest.newBuilder().setLiveOnly(true).setResumeRevision(7).build()),
        wrong(
            "types", WatchRequest.newBuilder().addTypes(WatchType.WATCH_TYPE_UNSPECIFIED).build()),
        wrong("name_glob", WatchRequest.newBuilder().setNameGlob("*".repeat(257)).build()),
        wrong(
            "filter.name_glob",
            ListDomainsRequest.newBuilder()
                .setFilter(DomainFilter.newBuilder().setNameGlob("*".repeat(257)))
                .build()));
  }

  @Test
  void aPathMayBeAsLongAsTheHostTakesIt() {
    rules.check(copyTo("/" + "ä".repeat(127) + "a"));
    rules.check(copyTo("/a".repeat(2047)));
  }

  private static BlockCopyRequest copyTo(String path) {
    return COPY.toBuilder()
        .setDestination(Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_RAW))
        .build();
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aWrongArgumentIsNamed(ErrorReason reason, String field, Message request) {
    DriverException failure =
        catchThrowableOfType(DriverException.class, () -> rules.check(request));
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.metadata()).containsEntry("field", field);
  }

  /**
   * E2, A10: the sixteen combinations of the four flags of BlockRebase, each without and with base.
   */
  static Stream<Arguments> rebaseMatrix() {
    List<Arguments> cases = new ArrayList<>();
    for (int flags = 0; flags < 16; flags++) {
      boolean shallow = (flags & 1) != 0;
      boolean reuse = (flags & 2) != 0;
      boolean raw = (flags & 4) != 0;
      boolean copy = (flags & 8) != 0;
      BlockRebaseRequest.Builder request =
          REBASE.toBuilder()
              .setShallow(shallow)
              .setReuseExternal(reuse)
              .setCopyRaw(raw)
              .setCopy(copy);
      boolean flagsFit = copy || (!shallow && !reuse && !raw);
      cases.add(Arguments.of(request.build(), flagsFit && !copy));
      cases.add(Arguments.of(request.setBase("/base").build(), flagsFit));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("rebaseMatrix")
  void rebaseTakesCopyFlagsWithCopyAloneAndCopyWithADestinationAlone(
      BlockRebaseRequest request, boolean allowed) {
    if (allowed) {
      assertThatNoException().isThrownBy(() -> rules.check(request));
    } else {
      DriverException failure =
          catchThrowableOfType(DriverException.class, () -> rules.check(request));
      assertThat(failure.reason()).isEqualTo(ERROR_REASON_INVALID_ARGUMENT);
    }
  }

  private static CreateSnapshotRequest.Builder internal() {
    return CreateSnapshotRequest.newBuilder()
        .setDomain(WEB)
        .setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
  }

  private static CreateSnapshotRequest live(Duration holdAfter) {
    return CreateSnapshotRequest.newBuilder()
        .setDomain(WEB)
        .setMemory(SnapshotMemory.newBuilder().setPath("/m"))
        .setLiveMemory(LiveMemory.newBuilder().setHoldAfter(holdAfter))
        .build();
  }

  static Stream<Message> allowed() {
    return Stream.of(
        internal().setMemory(SnapshotMemory.getDefaultInstance()).build(),
        live(Durations.fromSeconds(1)),
        live(Durations.fromHours(1)),
        COMMIT,
        COMMIT.toBuilder().setBandwidth(mebibytes(8_796_093_022_207L)).build(),
        COMMIT.toBuilder().setBandwidth(bytes(Long.MAX_VALUE)).build(),
        COMMIT.toBuilder().setShallow(true).setTop("/top").build(),
        COPY.toBuilder().setGranularityBytes(512).setBufferSizeBytes(1L << 30).build(),
        ListDomainsRequest.newBuilder()
            .setReadMask(FieldMask.newBuilder().addPaths("status.state"))
            .setPageSize(100_000)
            .build(),
        CreateSnapshotRequest.newBuilder().setDomain(WEB).build(),
        snapshot(BEGUN, BEGUN.toBuilder().setDisk("vdb").build()));
  }

  private static CreateSnapshotRequest snapshot(BlockCopyRequest... copies) {
    return CreateSnapshotRequest.newBuilder().setDomain(WEB).addAllCopies(List.of(copies)).build();
  }

  @ParameterizedTest
  @MethodSource("allowed")
  void whatIsSoundPasses(Message request) {
    assertThatNoException().isThrownBy(() -> rules.check(request));
  }
}
