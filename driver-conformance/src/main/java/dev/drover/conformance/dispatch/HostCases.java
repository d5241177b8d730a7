package dev.drover.conformance.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import dev.drover.conformance.Case;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Refusal;
import dev.drover.v1.DriverCapabilities;
import dev.drover.v1.DriverWaits;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.GetCapabilitiesResponse;
import dev.drover.v1.GetNodeInfoRequest;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.GetVersionResponse;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.InspectWaitsResponse;
import dev.drover.v1.NodeInfo;
import java.net.URI;

/** What a connection tells about the daemon, the driver and the host. */
public final class HostCases {

  private final Bench bench;

  /** Works on a bench. */
  public HostCases(Bench bench) {
    this.bench = bench;
  }

  @Case("the version names daemon, API, hypervisor and the connection that answered")
  @Requirement({"A12"})
  public void version() {
    GetVersionResponse version =
        bench.calls().host().getVersion(GetVersionRequest.getDefaultInstance());

    assertThat(version.getApiVersion()).isEqualTo("v1");
    assertThat(version.getDaemonVersion()).isNotBlank();
    assertThat(version.getHypervisorName()).isNotBlank();
    assertThat(version.getHostName()).isNotBlank();
    assertThat(version.getConnectionUri()).isEqualTo(bench.target().connectionUri());
  }

  @Case("capabilities begin with the connection's driver, in the order of the enum, each once")
  @Requirement({"A12", "R16", "R25"})
  public void capabilities() {
    GetCapabilitiesResponse answer =
        bench.calls().host().getCapabilities(GetCapabilitiesRequest.getDefaultInstance());
    DriverCapabilities mine = answer.getDrivers(0);

    assertThat(mine.getScheme()).isEqualTo(URI.create(bench.target().connectionUri()).getScheme());
    assertThat(mine.getConnectionUrisList()).contains(bench.target().connectionUri());
    assertThat(mine.getCapabilitiesList()).isSorted().doesNotHaveDuplicates();
    assertThat(mine.getHypervisorPath())
        .as("the hypervisor's program, where there is one")
        .matches(path -> path.isEmpty() || path.startsWith("/"));
    assertThat(mine.getMachinesList()).doesNotHaveDuplicates().allMatch(one -> !one.isBlank());
    assertThat(mine.getUnavailableDetail()).as("the driver can start domains").isEmpty();
    assertThat(mine.getAccelerationsList())
        .as("every acceleration says how it is known to work or not (R25)")
        .allMatch(acceleration -> !acceleration.getDetail().isBlank());
  }

  @Case("the host has processors and memory")
  @Requirement({"A12"})
  public void node() {
    NodeInfo node =
        bench.calls().host().getNodeInfo(GetNodeInfoRequest.getDefaultInstance()).getNode();

    assertThat(node.getCpus()).isPositive();
    assertThat(node.getMemoryBytes()).isPositive();
    assertThat(node.getFreeMemoryBytes()).isBetween(0L, node.getMemoryBytes());
    assertThat(node.getCpuModel()).isNotBlank();
  }

  @Case("who waits for what is told of every driver, and the one who asks is not among them")
  @Requirement({"R4"})
  public void waits() {
    InspectWaitsRequest everything =
        InspectWaitsRequest.newBuilder().setMinimumAge(Durations.ZERO).build();
    InspectWaitsResponse answer = bench.calls().host().inspectWaits(everything);

    assertThat(answer.hasTime()).isTrue();
    assertThat(answer.getDriversList())
        .extracting(DriverWaits::getScheme)
        .isSorted()
        .contains(URI.create(bench.target().connectionUri()).getScheme());
    assertThat(answer.getDriversList())
        .as("models are read while nothing hangs")
        .allMatch(driver -> driver.getUnreadDetail().isEmpty());
    assertThat(answer.getCallsList()).noneMatch(call -> call.getMethod().endsWith("/InspectWaits"));
    assertThat(answer.hasStore()).isTrue();
    assertThat(answer.getStore().getWriting())
        .matches(age -> Durations.isValid(age) && !Durations.isNegative(age));
    Refusal.of(
            () ->
                bench
                    .calls()
                    .host()
                    .inspectWaits(
                        everything.toBuilder().setMinimumAge(Durations.fromDays(2)).build()))
        .is(ErrorReason.ERROR_REASON_OUT_OF_RANGE)
        .tells("field", "minimum_age");
  }
}
