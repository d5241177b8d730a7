package dev.drover.spi;

import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.ReadImageResponse;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.testing.v1.WriteGuestRequest;

/**
 * Clock, guests and faults of a driver made for tests; the facet behind {@code TestControlService}
 * (R17). Each method does what the RPC of its name documents.
 */
public interface TestControl {

  /** Chooses the clock's mode. */
  void setClock(CallContext call, SetClockRequest request);

  /** Moves virtual time; everything due has happened on return. */
  void advanceClock(CallContext call, AdvanceClockRequest request);

  /** Makes an image. */
  void createImage(CallContext call, CreateImageRequest request);

  /** Changes an image past the daemon. */
  void changeImage(CallContext call, ChangeImageRequest request);

  /** Writes as the guest. */
  void writeGuest(CallContext call, WriteGuestRequest request);

  /** Reads an image through its chain. */
  ReadImageResponse readImage(CallContext call, ReadImageRequest request);

  /** Arms a fault. */
  void injectFault(CallContext call, InjectFaultRequest request);

  /** Disarms every fault. */
  void clearFaults(CallContext call);
}
