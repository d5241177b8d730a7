package dev.drover.spi.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainDifferenceKind;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ChainRepair;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every kind of difference, with and without a repair that needs no guess (R8, incidents). */
class ChainComparisonTest {

  private final Disk disk = new Disk();

  @Test
  void chainsThatAgreeAreConsistent() {
    assertThat(disk.running().getConsistent()).isTrue();
    assertThat(disk.running().getHypervisorList()).hasSize(3);
    assertThat(disk.off().getConsistent()).isTrue();
    assertThat(disk.off().getHeadersList())
        .extracting(ChainImage::getPath)
        .containsExactly("/i/active", "/i/snap", "/i/base");
  }

  @Test
  void theDefinitionNamesAnotherImageThanTheDeviceReads() {
    disk.definition = "/i/snap";

    ChainDifference found = only(disk.running());
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_DEFINITION);
    assertThat(found.getPath()).isEqualTo("/i/active");
    assertThat(found.getFound()).contains("/i/snap");
    assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UPDATE_DEFINITION);
  }

  @Test
  void aHeaderNamesAnotherImageThanIsOpen() {
    disk.backing("/i/active", "base", ImageFormat.IMAGE_FORMAT_QCOW2);

    ChainDifference found = only(disk.running());
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER);
    assertThat(found.getExpected()).isEqualTo("/i/snap");
    assertThat(found.getFound()).isEqualTo("/i/base");
    assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);
    HeaderRepairs.Rewrite rewrite = HeaderRepairs.of(disk.views(true), found);
    assertThat(rewrite.reference()).as("relative as it was").isEqualTo("snap");
    assertThat(disk.off().getConsistent()).as("an administrator may rebase it").isTrue();
  }

  @Test
  void aBackingFormatThatIsNotDeclared() {
    disk.backing("/i/active", "snap", ImageFormat.IMAGE_FORMAT_UNSPECIFIED);

    ChainDifference open = only(disk.running());
    assertThat(open.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_BACKING_FORMAT);
    assertThat(open.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);
    assertThat(only(disk.off()).getRepair())
        .as("nobody knows the format (E12)")
        .isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);

    disk.jobLeftTheChain();
    assertThat(only(disk.off()).getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);
  }

  @Test
  void aBackingFormatThatTheHypervisorCannotWriteIsLeftToAPerson() {
    disk.formats.put("/i/snap", ImageFormat.IMAGE_FORMAT_RAW);
    disk.backing("/i/snap", "", ImageFormat.IMAGE_FORMAT_UNSPECIFIED);
    disk.open = List.of("/i/active", "/i/snap");
    disk.record = disk.open;
    disk.writesAnyBackingFormat = false;

    assertThat(only(disk.running()).getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
    disk.writesAnyBackingFormat = true;
    assertThat(only(disk.running()).getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);
  }

  @Test
  void anImageIsMissing() {
    disk.existing.remove("/i/snap");

    ChainDifference open = only(disk.running());
    assertThat(open.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_MISSING);
    assertThat(open.getPath()).isEqualTo("/i/snap");
    assertThat(open.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
    assertThat(only(disk.off()).getPath()).isEqualTo("/i/snap");
    assertThat(disk.off().getHeadersList()).hasSize(2);
  }

  @Test
  void aHeaderThatLeadsNowhereIsPutBackWhereAJobSaysWhatStoodThere() {
    disk.backing("/i/active", "/gone/snap", ImageFormat.IMAGE_FORMAT_QCOW2);
    assertThat(only(disk.off()).getKind())
        .isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_MISSING);

    disk.jobLeftTheChain();
    ChainDifference found = only(disk.off());
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER);
    assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_REWRITE_HEADER);
    assertThat(HeaderRepairs.of(disk.views(false), found).backing().orElseThrow().getPath())
        .isEqualTo("/i/snap");
  }

  @Test
  void aChainThatLeadsBackToItself() {
    disk.backing("/i/base", "active", ImageFormat.IMAGE_FORMAT_QCOW2);

    ChainDifference found = only(disk.off());
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER);
    assertThat(found.getPath()).isEqualTo("/i/base");
    assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  @Test
  void anImageWasReplaced() {
    disk.replaced.add("/i/snap");
    disk.backing("/i/active", "base", ImageFormat.IMAGE_FORMAT_QCOW2);

    List<ChainDifference> found = disk.running().getDifferencesList();
    assertThat(found)
        .extracting(ChainDifference::getKind)
        .containsExactly(
            ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_HEADER,
            ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_IMAGE_REPLACED);
    assertThat(found)
        .as("a header must not name a file that is not the one the guest reads")
        .allMatch(difference -> difference.getRepair() == ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  @Test
  void theHypervisorHasOtherNodesThanTheRecord() {
    disk.open = List.of("/i/active", "/i/base");
    disk.backing("/i/active", "base", ImageFormat.IMAGE_FORMAT_QCOW2);

    ChainDifference found = only(disk.running());
    assertThat(found.getKind()).isEqualTo(ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_NODES);
    assertThat(found.getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UPDATE_RECORD);

    disk.understood = false;
    assertThat(only(disk.running()).getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  @Test
  void aForeignJobForbidsEveryProposal() {
    disk.foreignJobs = List.of("theirs");
    disk.definition = "/i/snap";

    ChainVerification verification = disk.running();
    assertThat(verification.getDifferencesList())
        .extracting(ChainDifference::getKind)
        .containsExactly(
            ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_DEFINITION,
            ChainDifferenceKind.CHAIN_DIFFERENCE_KIND_FOREIGN_JOB);
    assertThat(verification.getDifferences(1).getFound()).contains("theirs");
    assertThat(ChainComparison.steps(verification)).isEmpty();
  }

  @Test
  void nothingIsProposedWhileAJobHoldsTheDisk() {
    disk.jobId = "ours";
    disk.definition = "/i/snap";

    assertThat(disk.running().getJobId()).isEqualTo("ours");
    assertThat(only(disk.running()).getRepair()).isEqualTo(ChainRepair.CHAIN_REPAIR_UNSPECIFIED);
  }

  @Test
  void theRecordIsMendedFirstAndTheDefinitionLast() {
    disk.open = List.of("/i/snap", "/i/base");
    disk.backing("/i/snap", "elsewhere", ImageFormat.IMAGE_FORMAT_QCOW2);

    assertThat(ChainComparison.steps(disk.running()))
        .extracting(ChainDifference::getRepair)
        .containsExactly(
            ChainRepair.CHAIN_REPAIR_UPDATE_RECORD,
            ChainRepair.CHAIN_REPAIR_REWRITE_HEADER,
            ChainRepair.CHAIN_REPAIR_UPDATE_DEFINITION);
  }

  private static ChainDifference only(ChainVerification verification) {
    assertThat(verification.getConsistent()).isFalse();
    assertThat(verification.getDifferencesList()).hasSize(1);
    return verification.getDifferences(0);
  }

  /** base <- snap <- active in /i, with relative references, and what a test changes of it. */
  private static final class Disk implements ChainFiles {

    private final Set<String> existing = new HashSet<>(Set.of("/i/active", "/i/snap", "/i/base"));
    private final Map<String, ImageFormat> formats = new HashMap<>();
    private final Map<String, HeaderView.Backing> backings = new HashMap<>();
    private final Set<String> replaced = new HashSet<>();
    private String definition = "/i/active";
    private String jobId = "";
    private List<String> open = List.of("/i/active", "/i/snap", "/i/base");
    private List<String> record = open;
    private List<String> foreignJobs = List.of();
    private List<ChainImage> lastKnown = List.of();
    private boolean understood = true;
    private boolean writesAnyBackingFormat = true;

    Disk() {
      backing("/i/active", "snap", ImageFormat.IMAGE_FORMAT_QCOW2);
      backing("/i/snap", "base", ImageFormat.IMAGE_FORMAT_QCOW2);
    }

    void backing(String image, String reference, ImageFormat format) {
      if (reference.isEmpty()) {
        backings.remove(image);
        return;
      }
      backings.put(
          image,
          new HeaderView.Backing(
              reference,
              ChainFiles.resolve(image, reference),
              format == ImageFormat.IMAGE_FORMAT_UNSPECIFIED ? "" : Differences.format(format),
              Optional.of(format).filter(f -> f != ImageFormat.IMAGE_FORMAT_UNSPECIFIED)));
    }

    void jobLeftTheChain() {
      lastKnown = recorded();
    }

    ChainVerification running() {
      return ChainComparison.of(views(true));
    }

    ChainVerification off() {
      return ChainComparison.of(views(false));
    }

    ChainViews views(boolean running) {
      return new ChainViews(
          "vda",
          jobId,
          Image.newBuilder().setPath(definition).setFormat(format(definition)).build(),
          HeaderWalk.from(
              Image.newBuilder().setPath(definition).setFormat(format(definition)).build(),
              this,
              image -> header(image.getPath())),
          running ? Optional.of(hypervisor()) : Optional.empty(),
          lastKnown,
          this);
    }

    private HypervisorView hypervisor() {
      List<ChainImage> images = new ArrayList<>();
      for (String path : open) {
        images.add(image(path, "", "node-" + path));
      }
      return new HypervisorView(
          images,
          open.stream().map(this::header).toList(),
          recorded(),
          replaced,
          foreignJobs,
          understood,
          writesAnyBackingFormat);
    }

    private List<ChainImage> recorded() {
      List<String> references = List.of("snap", "base", "");
      List<ChainImage> images = new ArrayList<>();
      for (int place = 0; place < record.size(); place++) {
        String path = record.get(place);
        images.add(image(path, references.get(place), "node-" + path));
      }
      return images;
    }

    private HeaderView header(String path) {
      if (!existing.contains(path)) {
        return HeaderView.unusable(
            path, format(path), HeaderTrouble.Kind.MISSING, path + " does not exist");
      }
      return HeaderView.of(image(path, "", ""), Optional.ofNullable(backings.get(path)));
    }

    private ChainImage image(String path, String reference, String node) {
      return ChainImage.newBuilder()
          .setPath(path)
          .setFormat(format(path))
          .setBackingReference(reference)
          .setNodeName(node)
          .build();
    }

    private ImageFormat format(String path) {
      return formats.getOrDefault(path, ImageFormat.IMAGE_FORMAT_QCOW2);
    }

    @Override
    public boolean same(String one, String other) {
      return one.equals(other);
    }

    @Override
    public boolean exists(String path) {
      return existing.contains(path);
    }
  }
}
