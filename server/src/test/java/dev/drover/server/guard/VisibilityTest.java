package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.server.access.DomainTraits;
import dev.drover.server.access.Permission;
import dev.drover.server.access.PolicyException;
import dev.drover.server.access.PolicyReader;
import dev.drover.server.access.RolePolicy;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.server.watch.Viewer;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R23: what is shown is what could be read; events are no way round that. */
class VisibilityTest {

  private static final String POLICY =
      """
      [roles.watcher]
      permissions = ["event.read"]
      [roles.reader]
      permissions = ["domain.read", "job.read", "domain.snapshot.read"]
      [roles.domains]
      permissions = ["event.read", "domain.read"]
      [roles.jobs]
      permissions = ["event.read", "job.read"]
      [roles.snapshots]
      permissions = ["event.read", "domain.snapshot.read"]

      [[binding]]
      principals = ["x509:dns:watcher"]
      role = "watcher"
      [[binding]]
      principals = ["x509:dns:reader"]
      role = "reader"
      [[binding]]
      principals = ["x509:dns:domains"]
      role = "domains"
      [[binding]]
      principals = ["x509:dns:jobs"]
      role = "jobs"
      [[binding]]
      principals = ["x509:dns:snapshots"]
      role = "snapshots"
      [[binding]]
      principals = ["x509:dns:team"]
      role = "viewer"
      labels = { team = "a" }
      """;

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();
  private RunningDaemon daemon;
  private RolePolicy policy;
  private Domain web;
  private Domain hidden;

  @BeforeEach
  void start() throws PolicyException {
    daemon = RunningDaemon.inProcess(directory, provider);
    policy = new RolePolicy(1000, PolicyReader.parse(POLICY));
    web = provider.driver().put("web", Map.of("team", "a"));
    hidden = provider.driver().put("hidden", Map.of("team", "b"));
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private Visibility of(String who) {
    return new Visibility(policy, new Caller("x509:dns:" + who, ""), provider.driver().domains());
  }

  private static Job job(String domain) {
    return FakeDriver.job("j", JobState.JOB_STATE_RUNNING, domain);
  }

  private static Snapshot snapshot(String domain) {
    return Snapshot.newBuilder()
        .setDomainName(domain)
        .setDomainUuid(FakeDriver.uuid(domain))
        .build();
  }

  private static DomainRef named(String name) {
    return DomainRef.newBuilder().setName(name).build();
  }

  /** What a caller is shown of the domain web: its domain, its jobs, its snapshots. */
  private String watched(String who) {
    Viewer viewer = of(who).viewer();
    return (viewer.sees(web) ? "domain " : "")
        + (viewer.sees(job("web")) ? "job " : "")
        + (viewer.sees(snapshot("web")) ? "snapshot " : "");
  }

  @Test
  void anEventIsShownToWhoMayWatchAndMayReadWhatItIsAbout() {
    assertThat(watched("watcher")).isEmpty();
    assertThat(watched("reader")).isEmpty();
    assertThat(watched("domains")).isEqualTo("domain ");
    assertThat(watched("jobs")).isEqualTo("job ");
    assertThat(watched("snapshots")).isEqualTo("snapshot ");
    assertThat(watched("team")).isEqualTo("domain job snapshot ");
    Viewer team = of("team").viewer();
    assertThat(team.sees(hidden)).isFalse();
    assertThat(team.sees(job("hidden"))).isFalse();
    assertThat(team.sees(snapshot("hidden"))).isFalse();
  }

  @Test
  void anythingThatChangesWhatIsShownChangesTheScope() {
    assertThat(of("watcher").viewer().scope())
        .isEqualTo(of("watcher").viewer().scope())
        .isNotEqualTo(of("domains").viewer().scope())
        .isNotEqualTo(of("jobs").viewer().scope())
        .isNotEqualTo(of("snapshots").viewer().scope())
        .isNotEqualTo(of("team").viewer().scope());
    DriverException refused =
        catchThrowableOfType(DriverException.class, () -> of("reader").viewer().scope());
    assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_PERMISSION_DENIED);
    assertThat(refused.metadata()).containsEntry("permission", "event.read");
  }

  @Test
  void jobsAndDomainsAreSeenByWhoMayReadThem() {
    assertThat(of("reader").sees(web)).isTrue();
    assertThat(of("reader").sees(job("web"))).isTrue();
    assertThat(of("watcher").sees(web)).isFalse();
    assertThat(of("watcher").sees(job("web"))).isFalse();
    assertThat(of("team").sees(job("web"))).isTrue();
    assertThat(of("team").sees(job("hidden"))).isFalse();
  }

  @Test
  void whatIsHiddenIsNotFoundAndWhatIsNotThereNeither() {
    Visibility team = of("team");
    assertThat(team.require(Permission.DOMAIN_READ, named("web"))).isEqualTo(web);
    for (String name : new String[] {"hidden", "absent"}) {
      DriverException refused =
          catchThrowableOfType(
              DriverException.class, () -> team.require(Permission.DOMAIN_READ, named(name)));
      assertThat(refused.reason()).as(name).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);
    }
  }

  @Test
  void ofADomainThatIsGoneTheNameIsLeft() {
    Visibility team = of("team");
    assertThat(team.traits("web", FakeDriver.uuid("web")))
        .isEqualTo(new DomainTraits("web", Map.of("team", "a")));
    provider.driver().remove("web");
    assertThat(team.traits("web", FakeDriver.uuid("web")))
        .isEqualTo(new DomainTraits("web", Map.of()));
  }

  /** A driver that cannot tell is not one that says there is none. */
  @Test
  void aDriverThatFailsIsNotTakenForAnAnswer() {
    provider
        .driver()
        .onGet(
            () -> {
              throw DriverException.of(ErrorReason.ERROR_REASON_DAEMON_STOPPING, "stopping");
            });
    DriverException failure =
        catchThrowableOfType(DriverException.class, () -> of("team").find(named("web")));
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_DAEMON_STOPPING);
  }
}
