package dev.drover.server.service;

import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.AdvanceClockResponse;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.ChangeImageResponse;
import dev.drover.testing.v1.ClearFaultsRequest;
import dev.drover.testing.v1.ClearFaultsResponse;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.CreateImageResponse;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.testing.v1.InjectFaultResponse;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.ReadImageResponse;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.testing.v1.SetClockResponse;
import dev.drover.testing.v1.TestControlServiceGrpc;
import dev.drover.testing.v1.WriteGuestRequest;
import dev.drover.testing.v1.WriteGuestResponse;
import io.grpc.stub.StreamObserver;

/**
 * {@code drover.testing.v1.TestControlService} on a driver's {@link dev.drover.spi.TestControl};
 * served only where a driver has it (R17).
 */
public final class TestControlService extends TestControlServiceGrpc.TestControlServiceImplBase {

  @Override
  public void setClock(SetClockRequest request, StreamObserver<SetClockResponse> client) {
    Calls.answer(
        client,
        call -> {
          call.testControl().setClock(call.context(), request);
          return SetClockResponse.getDefaultInstance();
        });
  }

  @Override
  public void advanceClock(
      AdvanceClockRequest request, StreamObserver<AdvanceClockResponse> client) {
    Calls.answer(
        client,
        call -> {
          call.testControl().advanceClock(call.context(), request);
          return AdvanceClockResponse.getDefaultInstance();
        });
  }

  @Override
  public void createImage(CreateImageRequest request, StreamObserver<CreateImageResponse> client) {
    Calls.answer(
        client,
        call -> {
          call.testControl().createImage(call.context(), request);
          return CreateImageResponse.getDefaultInstance();
        });
  }

  @Override
  public void changeImage(ChangeImageRequest request, StreamObserver<ChangeImageResponse> client) {
    Calls.answer(
        client,
        call -> {
          call.testControl().changeImage(call.context(), request);
          return ChangeImageResponse.getDefaultInstance();
        });
  }

  @Override
  public void writeGuest(WriteGuestRequest request, StreamObserver<WriteGuestResponse> client) {
    Calls.answer(
        client,
        call -> {
          call.testControl().writeGuest(call.context(), request);
          return WriteGuestResponse.getDefaultInstance();
        });
  }

  @Override
  public void readImage(ReadImageRequest request, StreamObserver<ReadImageResponse> client) {
    Calls.answer(client, call -> call.testControl().readImage(call.context(), request));
  }

  @Override
  public void injectFault(InjectFaultRequest request, StreamObserver<InjectFaultResponse> client) {
    Calls.answer(
        client,
        call -> {
          call.testControl().injectFault(call.context(), request);
          return InjectFaultResponse.getDefaultInstance();
        });
  }

  @Override
  public void clearFaults(ClearFaultsRequest request, StreamObserver<ClearFaultsResponse> client) {
    Calls.answer(
        client,
        call -> {
          call.testControl().clearFaults(call.context());
          return ClearFaultsResponse.getDefaultInstance();
        });
  }
}
