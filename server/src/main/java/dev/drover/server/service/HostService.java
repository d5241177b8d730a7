package dev.drover.server.service;

import dev.drover.server.config.DaemonConfig.Limits;
import dev.drover.server.driver.CapabilityReport;
import dev.drover.server.driver.DriverConnection;
import dev.drover.server.driver.DriverRegistry;
import dev.drover.spi.DriverInfo;
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
import io.grpc.stub.StreamObserver;
import jakarta.inject.Inject;

/** {@code drover.v1.HostService}: the daemon, its drivers and the host. */
public final class HostService extends HostServiceGrpc.HostServiceImplBase {

  private static final String API_VERSION = "v1";

  private final DaemonIdentity daemon;
  private final Limits limits;
  private final DriverRegistry drivers;
  private final PermissionExplainer permissions;
  private final WaitInspector waits;

  /** Makes the service. */
  @Inject
  public HostService(
      DaemonIdentity daemon,
      Limits limits,
      DriverRegistry drivers,
      PermissionExplainer permissions,
      WaitInspector waits) {
    this.daemon = daemon;
    this.limits = limits;
    this.drivers = drivers;
    this.permissions = permissions;
    this.waits = waits;
  }

  @Override
  public void getVersion(GetVersionRequest request, StreamObserver<GetVersionResponse> client) {
    Calls.answer(
        client,
        call -> {
          DriverInfo info = call.connection().info();
          return GetVersionResponse.newBuilder()
              .setDaemonVersion(daemon.version())
              .setApiVersion(API_VERSION)
              .setHypervisorName(info.hypervisorName())
              .setHypervisorVersion(info.hypervisorVersion())
              .setConnectionUri(call.uri())
              .setHostName(daemon.hostName())
              .build();
        });
  }

  @Override
  public void getCapabilities(
      GetCapabilitiesRequest request, StreamObserver<GetCapabilitiesResponse> client) {
    Calls.answer(
        client,
        call -> {
          GetCapabilitiesResponse.Builder response =
              GetCapabilitiesResponse.newBuilder()
                  .putLimits("message_bytes", limits.messageBytes())
                  .putLimits("calls_per_connection", limits.callsPerConnection())
                  .putLimits("watchers", limits.watchers())
                  .putLimits("calls_per_caller", limits.callsPerCaller())
                  .putLimits("domains", limits.driver().domains())
                  .putLimits("jobs", limits.driver().jobs())
                  .putLimits("jobs_per_store", limits.driver().jobsPerStore())
                  .putLimits("queued_jobs", limits.driver().queuedJobs())
                  .putLimits("event_history", limits.eventHistory())
                  .putLimits("page_size", Paging.MOST)
                  .putLimits("default_deadline_seconds", limits.defaultDeadline().toSeconds())
                  .putLimits("maximum_deadline_seconds", limits.maximumDeadline().toSeconds())
                  .putLimits("request_records", limits.requestRecords())
                  .putLimits("request_record_age_seconds", limits.requestRecordAge().toSeconds())
                  .addDrivers(CapabilityReport.describe(call.connection()));
          for (DriverConnection other : drivers.connections()) {
            if (!other.scheme().equals(call.connection().scheme())) {
              response.addDrivers(CapabilityReport.describe(other));
            }
          }
          drivers.unopened().stream().map(CapabilityReport::describe).forEach(response::addDrivers);
          return response.build();
        });
  }

  @Override
  public void getNodeInfo(GetNodeInfoRequest request, StreamObserver<GetNodeInfoResponse> client) {
    Calls.answer(
        client,
        call ->
            GetNodeInfoResponse.newBuilder()
                .setNode(call.connection().driver().node().nodeInfo())
                .build());
  }

  @Override
  public void explainPermission(
      ExplainPermissionRequest request, StreamObserver<ExplainPermissionResponse> client) {
    Calls.answer(client, call -> permissions.explain(request, call.domains()));
  }

  @Override
  public void inspectWaits(
      InspectWaitsRequest request, StreamObserver<InspectWaitsResponse> client) {
    Calls.answer(client, call -> waits.inspect(request, call.context().callId()));
  }
}
