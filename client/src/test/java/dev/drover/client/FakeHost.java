package dev.drover.client;

import com.google.protobuf.Duration;
import dev.drover.v1.CallWait;
import dev.drover.v1.Capability;
import dev.drover.v1.CommandWait;
import dev.drover.v1.DomainWait;
import dev.drover.v1.DriverCapabilities;
import dev.drover.v1.DriverWaits;
import dev.drover.v1.ExplainPermissionRequest;
import dev.drover.v1.ExplainPermissionResponse;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.GetCapabilitiesResponse;
import dev.drover.v1.GetNodeInfoRequest;
import dev.drover.v1.GetNodeInfoResponse;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.GetVersionResponse;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.InspectWaitsResponse;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.JobWait;
import dev.drover.v1.LaneWait;
import dev.drover.v1.NodeInfo;
import dev.drover.v1.QueuePlace;
import io.grpc.stub.StreamObserver;

/** A host that never changes. */
final class FakeHost extends HostServiceGrpc.HostServiceImplBase {
  @Override
  public void getVersion(GetVersionRequest request, StreamObserver<GetVersionResponse> response) {
    response.onNext(
        GetVersionResponse.newBuilder()
            .setDaemonVersion("0.1.0")
            .setApiVersion("v1")
            .setHypervisorName("QEMU")
            .setHypervisorVersion("7.2.0")
            .setConnectionUri("qemu:///session")
            .setHostName("host.example")
            .build());
    response.onCompleted();
  }

  @Override
  public void getCapabilities(
      GetCapabilitiesRequest request, StreamObserver<GetCapabilitiesResponse> response) {
    response.onNext(
        GetCapabilitiesResponse.newBuilder()
            .putLimits("message_bytes", 4194304)
            .addDrivers(
                DriverCapabilities.newBuilder()
                    .setScheme("qemu")
                    .addCapabilities(Capability.CAPABILITY_BLOCK_COMMIT))
            .build());
    response.onCompleted();
  }

  @Override
  public void getNodeInfo(
      GetNodeInfoRequest request, StreamObserver<GetNodeInfoResponse> response) {
    response.onNext(
        GetNodeInfoResponse.newBuilder()
            .setNode(
                NodeInfo.newBuilder()
                    .setCpuModel("x86_64")
                    .setCpus(4)
                    .setMemoryBytes(8L << 30)
                    .setFreeMemoryBytes(2L << 30))
            .build());
    response.onCompleted();
  }

  /** One domain hangs for 95 s; whoever asks for older things is told of none. */
  @Override
  public void inspectWaits(
      InspectWaitsRequest request, StreamObserver<InspectWaitsResponse> response) {
    InspectWaitsResponse.Builder answer = InspectWaitsResponse.newBuilder();
    Duration age = Duration.newBuilder().setSeconds(95).build();
    if (request.getMinimumAge().getSeconds() <= age.getSeconds()) {
      LaneWait start = LaneWait.newBuilder().setOperation("start").setAge(age).build();
      answer
          .addDrivers(
              DriverWaits.newBuilder()
                  .setScheme("qemu")
                  .addDomains(
                      DomainWait.newBuilder()
                          .setName("web")
                          .setUnresponsive(true)
                          .setUnresponsiveDetail("no answer to query-status")
                          .setOldestCommand(
                              CommandWait.newBuilder()
                                  .setCommand("query-status")
                                  .setAge(age)
                                  .setGivenUp(true))
                          .setCommands(2)
                          .setLane(start))
                  .addJobs(
                      JobWait.newBuilder()
                          .setId("job-1")
                          .setKind(JobKind.JOB_KIND_COPY)
                          .setState(JobState.JOB_STATE_RUNNING)
                          .setDomainName("web")
                          .setDisk("vda")
                          .setAge(age)
                          .setBlocked(true)
                          .setBlockedDetail("the disk is full"))
                  .addJobs(
                      JobWait.newBuilder()
                          .setId("job-2")
                          .setKind(JobKind.JOB_KIND_COPY)
                          .setState(JobState.JOB_STATE_PENDING)
                          .setDomainName("web")
                          .setDisk("vdb")
                          .setAge(age)
                          .setQueuePlace(
                              QueuePlace.newBuilder().setLimit("jobs").setMaximum(1).setPosition(1))
                          .addPlaceHolderJobIds("job-1")))
          .addCalls(
              CallWait.newBuilder()
                  .setMethod("drover.v1.DomainService/StartDomain")
                  .setPrincipal("uid:1000")
                  .setDomain("web")
                  .setCallId("c0ffee")
                  .setAge(Duration.newBuilder().setNanos(500_000_000)))
          .getStoreBuilder()
          .setWriting(age)
          .setWaiting(3);
    }
    response.onNext(answer.build());
    response.onCompleted();
  }

  /** Lets the user 1000 do everything, on the domain web alone. */
  @Override
  public void explainPermission(
      ExplainPermissionRequest request, StreamObserver<ExplainPermissionResponse> response) {
    boolean allowed =
        request.getPrincipal().equals("uid:1000") && request.getDomain().getName().equals("web");
    response.onNext(
        ExplainPermissionResponse.newBuilder()
            .setAllowed(allowed)
            .setMethod("drover.v1.DomainService/" + request.getMethod())
            .setDetail(request.getPrincipal() + (allowed ? " may" : " may not"))
            .build());
    response.onCompleted();
  }
}
