package dev.drover.conformance.bench;

import com.google.protobuf.util.Durations;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.ClearFaultsRequest;
import dev.drover.testing.v1.FaultKind;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.v1.Image;
import java.time.Duration;

/** Faults of a driver made for tests, cleared when the bench is closed (R17). */
public final class Faults {

  private final Bench bench;

  /** Works on a bench. */
  public Faults(Bench bench) {
    this.bench = bench;
    bench.onClose(this::clear);
  }

  /** Arms a fault for the next time a step is reached. */
  public void arm(String step, FaultKind kind) {
    var _ = stub().injectFault(InjectFaultRequest.newBuilder().setStep(step).setKind(kind).build());
  }

  /** Arms a fault that lets virtual time pass at a step the next time it is reached. */
  public void delay(String step, Duration delay) {
    var _ =
        stub()
            .injectFault(
                InjectFaultRequest.newBuilder()
                    .setStep(step)
                    .setKind(FaultKind.FAULT_KIND_DELAY)
                    .setDelay(Durations.fromNanos(delay.toNanos()))
                    .build());
  }

  /** Removes an image as somebody does past the daemon. */
  public void remove(Image image) {
    var _ =
        stub()
            .changeImage(
                ChangeImageRequest.newBuilder().setPath(image.getPath()).setRemove(true).build());
  }

  /** Disarms every fault and ends every hang. */
  public void clear() {
    var _ = stub().clearFaults(ClearFaultsRequest.getDefaultInstance());
  }

  private TestControlServiceGrpc.TestControlServiceBlockingStub stub() {
    return TestControlServiceGrpc.newBlockingStub(bench.calls().channel());
  }
}
