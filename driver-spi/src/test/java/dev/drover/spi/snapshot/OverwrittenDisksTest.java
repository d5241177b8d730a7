package dev.drover.spi.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.FakeTime;
import dev.drover.spi.block.Chain;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.Acceleration;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobRequest;
import dev.drover.v1.JobResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** R3, R4: whose disks a commit in a chain top, middle, base overwrites. */
class OverwrittenDisksTest {

  private static final Map<String, String> BELOW =
      Map.of("top", "middle", "middle", "base", "on-middle", "middle", "on-base", "base");

  private final DomainBook domains = new DomainBook(new MemoryStore(), new FakeTime(), _ -> {});
  private final List<String> asked = new ArrayList<>();
  private final OverwrittenDisks disks = new OverwrittenDisks(domains, new Headers());

  private final class Headers implements StoredImages {
    @Override
    public Optional<Chain> chain(String domain, String disk, Image image) {
      asked.add(image.getPath());
      if (image.getPath().startsWith("ERROR_REASON_")) {
        throw DriverException.of(ErrorReason.valueOf(image.getPath()), "it is in trouble");
      }
      List<ChainImage> images = new ArrayList<>();
      for (String next = image.getPath(); !next.isEmpty(); next = BELOW.getOrDefault(next, "")) {
        images.add(ChainImage.newBuilder().setPath(next).build());
      }
      return Optional.of(new Chain(domain, disk, images));
    }

    @Override
    public boolean same(String first, String second) {
      return first.equals(second);
    }
  }

  @Test
  void thoseThatAreReadThroughTheBaseAndNotThroughTheTopAre() {
    DomainSpec own = define("own", "top", "on-base", "unrelated");
    define("other", "on-base", "on-middle");

    assertThat(disks.of(commit(own, "middle")))
        .satisfiesExactlyInAnyOrder(
            told -> assertThat(told).contains("'vda'", "'other'", "'base'"),
            told -> assertThat(told).contains("'vdb'", "'own'", "'base'"));
    assertThat(disks.of(commit(own, "top")))
        .as("the guest goes on in the base")
        .satisfiesExactlyInAnyOrder(
            told -> assertThat(told).contains("'vda'", "'other'"),
            told -> assertThat(told).contains("'vdb'", "'other'"),
            told -> assertThat(told).contains("'vdb'", "'own'"));
  }

  @Test
  void oneThatAHypervisorHasOpenIsLeftToItsLocks() {
    DomainSpec own = define("own", "top");
    DomainSpec other = define("other", "on-base");
    domains.started(other, false, Acceleration.ACCELERATION_TCG, "");

    assertThat(disks.of(commit(own, "middle"))).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void whatNobodyMayReadIsToldAndWhatIsBrokenIsNot() {
    DomainSpec own = define("own", "top");
    define("broken", ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID.name());
    define("closed", ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED.name());
    define("other", "on-base");

    assertThat(disks.of(commit(own, "middle")))
        .satisfiesExactlyInAnyOrder(
            told -> assertThat(told).contains("'closed'", "cannot be told"),
            told -> assertThat(told).contains("'other'"));
  }

  @Test
  void storageThatDoesNotAnswerIsAskedOnce() {
    DomainSpec own = define("own", "top");
    String silent = ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED.name();
    define("silent-1", silent);
    define("silent-2", silent);

    assertThat(disks.of(commit(own, "middle")))
        .singleElement()
        .satisfies(told -> assertThat(told).contains("'silent-", "cannot be told"));
    assertThat(asked).containsExactly(silent);
  }

  private DomainSpec define(String name, String... sources) {
    DomainSpec.Builder spec =
        DomainSpec.newBuilder().setName(name).setUuid(UUID.randomUUID().toString());
    for (String source : sources) {
      spec.addDisks(
          Disk.newBuilder()
              .setTarget("vd" + (char) ('a' + spec.getDisksCount()))
              .setSource(Image.newBuilder().setPath(source)));
    }
    return domains.define(spec.build(), "").getSpec();
  }

  private static Job commit(DomainSpec own, String top) {
    return Job.newBuilder()
        .setKind(JobKind.JOB_KIND_COMMIT)
        .setDomainUuid(own.getUuid())
        .setDisk("vda")
        .setRequest(JobRequest.newBuilder().setTop(top).setBase("base"))
        .setResult(
            JobResult.newBuilder()
                .addAllChainBefore(
                    List.of("top", "middle", "base").stream()
                        .map(path -> ChainImage.newBuilder().setPath(path).build())
                        .toList()))
        .build();
  }
}
