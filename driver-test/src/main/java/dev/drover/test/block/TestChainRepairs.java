package dev.drover.test.block;

import dev.drover.spi.CallContext;
import dev.drover.spi.ChainRepairs;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.chain.ChainComparison;
import dev.drover.spi.chain.ChainFiles;
import dev.drover.spi.chain.ChainViews;
import dev.drover.spi.chain.HeaderRepairs;
import dev.drover.spi.chain.HeaderTrouble;
import dev.drover.spi.chain.HeaderView;
import dev.drover.spi.chain.HeaderWalk;
import dev.drover.spi.chain.HypervisorView;
import dev.drover.spi.chain.LastKnownChain;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.test.hypervisor.BlockNode;
import dev.drover.test.hypervisor.KnownChains;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.ImageHeader;
import dev.drover.test.model.ImageHost;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.VerifyChainRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Comparison and repair of the chains of the test world (R8). */
public final class TestChainRepairs implements ChainRepairs {

  private final World world;
  private final Machines machines;
  private final ChainFiles files;

  TestChainRepairs(World world, Machines machines) {
    this.world = world;
    this.machines = machines;
    this.files = new Files(world);
  }

  /** The test host has no links: a file is its path. */
  private record Files(World world) implements ChainFiles {
    @Override
    public boolean same(String one, String other) {
      return Path.of(one).normalize().equals(Path.of(other).normalize());
    }

    @Override
    public boolean exists(String path) {
      return world.images().find(path).isPresent();
    }
  }

  @Override
  public ChainVerification verify(CallContext call, VerifyChainRequest request) {
    return world
        .lock()
        .get(
            () -> {
              Domain domain = world.domains().require(request.getDomain());
              return ChainComparison.of(views(domain, disk(domain, request.getDisk())));
            });
  }

  @Override
  public RepairChainResponse repair(CallContext call, RepairChainRequest request) {
    Domain named = world.domains().require(request.getDomain());
    String uuid = named.getSpec().getUuid();
    try (DomainLanes.Pass _ =
        world.lanes().enter(call, uuid, named.getSpec().getName(), "chain repair")) {
      return world.lock().get(() -> repair(uuid, request));
    }
  }

  private RepairChainResponse repair(String uuid, RepairChainRequest request) {
    Domain domain = world.domains().require(uuid);
    Disk disk = disk(domain, request.getDisk());
    world.jobs().requireFree(uuid, disk.getTarget());
    ChainViews views = views(domain, disk);
    ChainVerification found = ChainComparison.of(views);
    List<ChainDifference> steps = ChainComparison.steps(found);
    if (!request.getValidateOnly()) {
      steps.forEach(step -> apply(uuid, disk.getTarget(), views, step));
      found = ChainComparison.of(views(world.domains().require(uuid), disk));
    }
    return RepairChainResponse.newBuilder().addAllRepaired(steps).setVerification(found).build();
  }

  private void apply(String uuid, String target, ChainViews views, ChainDifference step) {
    switch (step.getRepair()) {
      case CHAIN_REPAIR_UPDATE_DEFINITION -> updateDefinition(uuid, target, views);
      case CHAIN_REPAIR_REWRITE_HEADER -> {
        HeaderRepairs.Rewrite rewrite = HeaderRepairs.of(views, step);
        world
            .images()
            .find(rewrite.image().getPath())
            .orElseThrow()
            .rewriteHeader(
                rewrite
                    .backing()
                    .map(below -> ImageHeader.backing(rewrite.reference(), below.getFormat()))
                    .orElse(ImageHeader.NONE));
      }
      case CHAIN_REPAIR_UPDATE_RECORD, CHAIN_REPAIR_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("no step of this driver: " + step);
    }
  }

  private void updateDefinition(String uuid, String target, ChainViews views) {
    ChainImage active = views.hypervisor().orElseThrow().images().getFirst();
    Image source =
        Image.newBuilder().setPath(active.getPath()).setFormat(active.getFormat()).build();
    world
        .domains()
        .change(
            uuid,
            domain ->
                domain.getSpecBuilder().getDisksBuilderList().stream()
                    .filter(disk -> disk.getTarget().equals(target))
                    .forEach(disk -> disk.setSource(source)),
            transaction -> {});
  }

  private static Disk disk(Domain domain, String name) {
    return DiskLookup.findWithSource(
        domain.getSpec().getName(), KnownChains.current(domain).getDisksList(), name);
  }

  private ChainViews views(Domain domain, Disk disk) {
    String uuid = domain.getSpec().getUuid();
    String target = disk.getTarget();
    Image definition =
        domain.getSpec().getDisksList().stream()
            .filter(defined -> defined.getTarget().equals(target))
            .findFirst()
            .orElse(disk)
            .getSource();
    return new ChainViews(
        target,
        world.jobs().holder(uuid, target).map(Job::getId).orElse(""),
        definition,
        HeaderWalk.from(definition, files, this::header),
        machines.find(uuid).flatMap(machine -> machine.disk(target)).map(this::open),
        LastKnownChain.of(world.jobs(), uuid, target),
        files);
  }

  /** What is open is what the driver has on record: nothing can change it past the driver. */
  private HypervisorView open(OpenDisk disk) {
    List<ChainImage> images = disk.chain().images();
    return new HypervisorView(
        images,
        images.stream()
            .map(
                image ->
                    header(
                        Image.newBuilder()
                            .setPath(image.getPath())
                            .setFormat(image.getFormat())
                            .build()))
            .toList(),
        images,
        disk.images().stream()
            .filter(
                image ->
                    world.images().find(image.path()).filter(found -> found != image).isPresent())
            .map(BlockImage::path)
            .collect(Collectors.toSet()),
        List.of(),
        true,
        true);
  }

  private HeaderView header(Image image) {
    Optional<BlockImage> file = world.images().find(image.getPath());
    if (file.isEmpty()) {
      return HeaderView.unusable(
          image.getPath(),
          image.getFormat(),
          HeaderTrouble.Kind.MISSING,
          "image '%s' does not exist".formatted(image.getPath()));
    }
    BlockImage found = file.get();
    if (found.format() != image.getFormat()) {
      return HeaderView.unusable(
          image.getPath(),
          image.getFormat(),
          HeaderTrouble.Kind.FORMAT,
          "image '%s' is %s".formatted(found.path(), ImageHost.formatName(found.format())));
    }
    ImageHeader header = found.header();
    return HeaderView.of(
        BlockNode.describe(found, ""),
        header.hasBacking()
            ? Optional.of(
                new HeaderView.Backing(
                    header.reference(),
                    ImageHost.resolve(found, header.reference()),
                    header.format().map(ImageHost::formatName).orElse(""),
                    header.format().filter(TestChainRepairs::known)))
            : Optional.empty());
  }

  private static boolean known(ImageFormat format) {
    return format == ImageFormat.IMAGE_FORMAT_RAW || format == ImageFormat.IMAGE_FORMAT_QCOW2;
  }
}
