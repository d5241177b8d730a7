package dev.drover.test.control;

import dev.drover.spi.CallContext;
import dev.drover.spi.TestControl;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.KnownChains;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.Clusters;
import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.FaultKind;
import dev.drover.testing.v1.GuestDiscard;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.ReadImageResponse;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.testing.v1.WriteGuestRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Clock, guests, files and faults of the test world (R17). */
public final class TestWorldControl implements TestControl {

  private static final int LARGEST_BYTE = 255;

  private final World world;
  private final Machines machines;
  private final ImageRequests images;
  private final ImageReader reader;

  /** Makes the facet. */
  public TestWorldControl(World world, Machines machines) {
    this.world = world;
    this.machines = machines;
    this.images = new ImageRequests(world);
    this.reader = new ImageReader(world);
  }

  @Override
  public void setClock(CallContext call, SetClockRequest request) {
    world.lock().run(() -> world.clock().setManual(request.getManual()));
  }

  @Override
  public void advanceClock(CallContext call, AdvanceClockRequest request) {
    Duration duration =
        Duration.ofSeconds(request.getDuration().getSeconds(), request.getDuration().getNanos());
    if (duration.isNegative()) {
      throw invalid("duration", "virtual time does not go back; give a duration from 0 up");
    }
    world
        .lock()
        .run(
            () -> {
              world.clock().advance(duration);
              world.gate().settle(call);
            });
  }

  @Override
  public void createImage(CallContext call, CreateImageRequest request) {
    world
        .lock()
        .run(
            () -> {
              request.getContentsList().forEach(TestWorldControl::check);
              images.create(request);
            });
  }

  @Override
  public void changeImage(CallContext call, ChangeImageRequest request) {
    world.lock().run(() -> images.change(request));
  }

  @Override
  public void writeGuest(CallContext call, WriteGuestRequest request) {
    world
        .lock()
        .run(
            () -> {
              world.lock().await(call, () -> !held(request));
              OpenDisk disk = disk(request);
              List<GuestWrite> discards =
                  request.getDiscardsList().stream().map(TestWorldControl::range).toList();
              for (GuestWrite change :
                  Stream.concat(request.getWritesList().stream(), discards.stream()).toList()) {
                check(change);
                ImageRequests.requireWithin(change, disk.active());
              }
              request
                  .getWritesList()
                  .forEach(
                      write ->
                          change(
                              request, write, cluster -> disk.write(cluster, write.getPattern())));
              discards.forEach(discard -> change(request, discard, disk::discard));
            });
  }

  /** Changes each cluster of a range, and has the guest remember that it did. */
  private void change(WriteGuestRequest request, GuestWrite range, LongConsumer cluster) {
    long first = range.getOffsetBytes() / Clusters.SIZE_BYTES;
    long end = first + range.getLengthBytes() / Clusters.SIZE_BYTES;
    LongStream.range(first, end).forEach(cluster);
    machine(request)
        .remember(31 * (31 * range.getOffsetBytes() + range.getLengthBytes()) + range.getPattern());
  }

  private static GuestWrite range(GuestDiscard discard) {
    return GuestWrite.newBuilder()
        .setOffsetBytes(discard.getOffsetBytes())
        .setLengthBytes(discard.getLengthBytes())
        .build();
  }

  @Override
  public ReadImageResponse readImage(CallContext call, ReadImageRequest request) {
    return reader.read(call, request);
  }

  @Override
  public void injectFault(CallContext call, InjectFaultRequest request) {
    FaultStep.check(request.getStep(), request.getKind());
    Duration delay =
        Duration.ofSeconds(request.getDelay().getSeconds(), request.getDelay().getNanos());
    boolean delays = request.getKind() == FaultKind.FAULT_KIND_DELAY;
    if (delays && (delay.isNegative() || delay.isZero())) {
      throw invalid("delay", "a fault that delays needs a delay above 0");
    }
    if (!delays && request.hasDelay()) {
      throw invalid("delay", "only a fault of kind FAULT_KIND_DELAY has a delay");
    }
    int count = request.getCount();
    if (count < 0) {
      throw invalid("count", "at most %d times".formatted(Integer.MAX_VALUE));
    }
    world.faults().arm(request.getStep(), request.getKind(), delay, count == 0 ? 1 : count);
  }

  @Override
  public void clearFaults(CallContext call) {
    world
        .lock()
        .run(
            () -> {
              world.faults().clear();
              world.gate().settle(call);
            });
  }

  /** A guest that is held writes once it is let go. */
  private boolean held(WriteGuestRequest request) {
    return machines
        .find(world.domains().require(request.getDomain()).getSpec().getUuid())
        .filter(Machine::held)
        .isPresent();
  }

  private Machine machine(WriteGuestRequest request) {
    Domain domain = world.domains().require(request.getDomain());
    return machines
        .find(domain.getSpec().getUuid())
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "an active domain without a guest: " + domain.getSpec().getName()));
  }

  private OpenDisk disk(WriteGuestRequest request) {
    Domain domain = world.domains().require(request.getDomain());
    DomainStates.requireActive(domain);
    String name = domain.getSpec().getName();
    Disk disk =
        DiskLookup.findWritable(
            name, KnownChains.current(domain).getDisksList(), request.getDisk());
    return machine(request)
        .disk(disk.getTarget())
        .orElseThrow(() -> new IllegalStateException("an active domain without its disk: " + name));
  }

  private static void check(GuestWrite write) {
    if (write.getOffsetBytes() < 0
        || write.getLengthBytes() < 0
        || write.getOffsetBytes() % Clusters.SIZE_BYTES != 0
        || write.getLengthBytes() % Clusters.SIZE_BYTES != 0) {
      throw invalid(
          "writes",
          "offset and length of a write or discard are multiples of " + Clusters.SIZE_BYTES);
    }
    if (write.getPattern() < 0 || write.getPattern() > LARGEST_BYTE) {
      throw invalid("writes.pattern", "a pattern is a byte, 0 to 255");
    }
  }

  private static DriverException invalid(String field, String why) {
    return DriverException.of(ErrorReason.ERROR_REASON_INVALID_ARGUMENT, why, "field", field);
  }
}
