package dev.drover.server.fake;

import dev.drover.spi.CallContext;
import dev.drover.spi.TestControl;
import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.ClearFaultsRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.ReadImageResponse;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.testing.v1.WriteGuestRequest;

/** Clock and faults of a {@link FakeDriver}. */
record FakeTestControl(FakeDriver driver) implements TestControl {

  @Override
  public ReadImageResponse readImage(CallContext call, ReadImageRequest request) {
    driver.called("readImage", call, request);
    return ReadImageResponse.newBuilder().setExists(true).build();
  }

  @Override
  public void clearFaults(CallContext call) {
    driver.called("clearFaults", call, ClearFaultsRequest.getDefaultInstance());
  }

  @Override
  public void setClock(CallContext call, SetClockRequest request) {
    driver.called("setClock", call, request);
  }

  @Override
  public void advanceClock(CallContext call, AdvanceClockRequest request) {
    driver.called("advanceClock", call, request);
  }

  @Override
  public void createImage(CallContext call, CreateImageRequest request) {
    driver.called("createImage", call, request);
  }

  @Override
  public void changeImage(CallContext call, ChangeImageRequest request) {
    driver.called("changeImage", call, request);
  }

  @Override
  public void writeGuest(CallContext call, WriteGuestRequest request) {
    driver.called("writeGuest", call, request);
  }

  @Override
  public void injectFault(CallContext call, InjectFaultRequest request) {
    driver.called("injectFault", call, request);
  }
}
