package dev.drover.api.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is read from the table of roles. */
class RolesTest {

  @Test
  void rolesHaveWhatTheyNameAndWhatTheRolesTheyNameHave() {
    Roles roles =
        Roles.read(
            List.of(
                "A `word` before.",
                "| role | permissions |",
                "|---|---|",
                "| `viewer` | `host.read`, `job.read` |",
                "| `operator` | those of `viewer`, `job.write` |",
                "| `admin` | all: also `domain.qemu-args` |"),
            Set.of("host.read", "job.read", "job.write", "host.admin"));

    assertThat(roles.permissions().get("operator"))
        .containsExactlyInAnyOrder("host.read", "job.read", "job.write");
    assertThat(roles.permissions().get("admin"))
        .containsExactlyInAnyOrder(
            "host.read", "job.read", "job.write", "host.admin", "domain.qemu-args");
    assertThat(roles.permissions().keySet()).containsExactly("viewer", "operator", "admin");
  }

  @Test
  void aGuideWithoutTheTableIsNoGuide() {
    assertThatThrownBy(() -> Roles.read(List.of("no table"), Set.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
