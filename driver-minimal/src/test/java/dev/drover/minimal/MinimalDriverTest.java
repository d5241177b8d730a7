package dev.drover.minimal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.Drover;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.spi.DriverProvider;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the suite does not ask of every driver. */
class MinimalDriverTest {

  @Test
  void aDaemonFindsTheDriver() {
    assertThat(ServiceLoader.load(DriverProvider.class))
        .extracting(DriverProvider::scheme)
        .contains("minimal");
  }

  @Test
  void aDefinitionIsThereForTheNextDaemonAndItsGuestIsNot(@TempDir Path directory) {
    Path socket = directory.resolve("s");
    String uri = "minimal+unix:///default?socket=" + socket;
    EmbeddedDaemon.Plan plan = EmbeddedDaemon.in(directory, new MinimalDriverProvider());
    DomainSpec spec = DomainSpec.newBuilder().setName("web").setMemoryBytes(32L << 20).build();
    Domain defined;
    try (EmbeddedDaemon _ = plan.onSocket(socket);
        Drover drover = Drover.connect(uri)) {
      defined = drover.domains().define(spec);
      assertThat(drover.domain("web").start().getStatus().getId()).isPositive();
    }
    try (EmbeddedDaemon _ = plan.onSocket(socket);
        Drover drover = Drover.connect(uri)) {
      Domain found = drover.domain("web").get();
      assertThat(found.getSpec()).isEqualTo(defined.getSpec());
      assertThat(found.getEtag()).isEqualTo(defined.getEtag());
      assertThat(found.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    }
  }
}
