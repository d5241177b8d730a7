package dev.drover.client;

import dev.drover.v1.ExplainPermissionRequest;
import dev.drover.v1.ExplainPermissionResponse;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.GetCapabilitiesResponse;
import dev.drover.v1.GetNodeInfoRequest;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.GetVersionResponse;
import dev.drover.v1.HostServiceGrpc;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.InspectWaitsResponse;
import dev.drover.v1.NodeInfo;

/** What the daemon, its drivers and the host are. */
public final class Host {
  private final Connection connection;

  Host(Connection connection) {
    this.connection = connection;
  }

  /** Versions of daemon, API and hypervisor. */
  public GetVersionResponse version() {
    return connection.read(
        HostServiceGrpc.getGetVersionMethod(),
        GetVersionRequest.getDefaultInstance(),
        connection.settings().deadline());
  }

  /** What the daemon and each driver can do. */
  public GetCapabilitiesResponse capabilities() {
    return connection.read(
        HostServiceGrpc.getGetCapabilitiesMethod(),
        GetCapabilitiesRequest.getDefaultInstance(),
        connection.settings().deadline());
  }

  /** The host's processors and memory. */
  public NodeInfo node() {
    return connection
        .read(
            HostServiceGrpc.getGetNodeInfoMethod(),
            GetNodeInfoRequest.getDefaultInstance(),
            connection.settings().deadline())
        .getNode();
  }

  /**
   * Whether somebody may make a call, and what in the daemon's policy decides that.
   *
   * @throws DroverException INVALID_ARGUMENT, DOMAIN_NOT_FOUND, PERMISSION_DENIED
   */
  public ExplainPermissionResponse explain(ExplainPermissionRequest request) {
    return connection.read(
        HostServiceGrpc.getExplainPermissionMethod(), request, connection.settings().deadline());
  }

  /**
   * Who waits for what in the daemon, told also while things hang (R4).
   *
   * @throws DroverException OUT_OF_RANGE, PERMISSION_DENIED
   */
  public InspectWaitsResponse waits(InspectWaitsRequest request) {
    return connection.read(
        HostServiceGrpc.getInspectWaitsMethod(), request, connection.settings().deadline());
  }
}
