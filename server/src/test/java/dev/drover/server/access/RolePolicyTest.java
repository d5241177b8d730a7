package dev.drover.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** R23: what bindings add up to. */
class RolePolicyTest {

  private static final DomainTraits WEB = new DomainTraits("web-1", Map.of("team", "a"));
  private static final DomainTraits DB = new DomainTraits("db", Map.of("team", "b"));

  private static RolePolicy policy(String toml) throws PolicyException {
    return new RolePolicy(1000, PolicyReader.parse(toml));
  }

  private static Grant grant(RolePolicy policy, String principal, String permission) {
    return policy.grant(new Caller(principal, ""), permission);
  }

  @Test
  void theOwnerAndRootMayDoEverythingAndOthersNothing() throws PolicyException {
    RolePolicy policy = policy("");
    for (Permission permission : Permission.values()) {
      assertThat(grant(policy, "uid:0", permission.text())).isEqualTo(new Grant.Everywhere());
      assertThat(grant(policy, "uid:1000", permission.text())).isEqualTo(new Grant.Everywhere());
      assertThat(grant(policy, "uid:1001", permission.text())).isEqualTo(new Grant.Nothing());
      assertThat(grant(policy, "x509:uri:uid:0", permission.text())).isEqualTo(new Grant.Nothing());
    }
    assertThat(grant(policy, "uid:0", "domain.explode")).isEqualTo(new Grant.Nothing());
  }

  @Test
  void aLimitHoldsForDomainsAndGivesNothingBeyondThem() throws PolicyException {
    RolePolicy policy =
        policy(
            """
            [[binding]]
            principals = ["uid:7"]
            role = "admin"
            domains = ["web-*"]
            labels = { team = "a" }
            """);
    Grant write = grant(policy, "uid:7", "domain.write");
    assertThat(write.covers(WEB)).isTrue();
    assertThat(write.covers(DB)).isFalse();
    assertThat(write.covers(new DomainTraits("web-2", Map.of()))).isFalse();
    assertThat(write.covers(new DomainTraits("db", Map.of("team", "a")))).isFalse();
    assertThat(grant(policy, "uid:7", "host.read")).isEqualTo(new Grant.Everywhere());
    assertThat(grant(policy, "uid:7", "host.admin")).isEqualTo(new Grant.Nothing());
    assertThat(grant(policy, "uid:7", "testing.control")).isEqualTo(new Grant.Nothing());
    assertThat(grant(policy, "uid:7", "domain.qemu-args")).isEqualTo(new Grant.Nothing());
  }

  @Test
  void bindingsAddUp() throws PolicyException {
    RolePolicy policy =
        policy(
            """
            [[binding]]
            principals = ["uid:7"]
            role = "operator"
            domains = ["web-*"]
            [[binding]]
            principals = ["uid:*"]
            role = "operator"
            labels = { team = "b" }
            [[binding]]
            principals = ["uid:7", "uid:8"]
            role = "viewer"
            """);
    Grant power = grant(policy, "uid:7", "domain.power");
    assertThat(power.covers(WEB)).isTrue();
    assertThat(power.covers(DB)).isTrue();
    assertThat(power.covers(new DomainTraits("mail", Map.of()))).isFalse();
    assertThat(grant(policy, "uid:8", "domain.power").covers(WEB)).isFalse();
    assertThat(grant(policy, "uid:8", "domain.read")).isEqualTo(new Grant.Everywhere());
    assertThat(line(policy, "uid:7", Permission.DOMAIN_POWER, WEB)).contains(1);
    assertThat(line(policy, "uid:7", Permission.DOMAIN_POWER, DB)).contains(5);
    assertThat(line(policy, "uid:7", Permission.DOMAIN_READ, WEB)).contains(9);
    assertThat(line(policy, "uid:8", Permission.DOMAIN_POWER, WEB)).isEmpty();
    assertThat(line(policy, "uid:1000", Permission.DOMAIN_POWER, WEB)).contains(0);
    assertThat(policy.deciding("uid:8", Permission.DOMAIN_POWER, Optional.empty()))
        .map(Binding::line)
        .contains(5);
  }

  private static Optional<Integer> line(
      RolePolicy policy, String principal, Permission permission, DomainTraits domain) {
    return policy.deciding(principal, permission, Optional.of(domain)).map(Binding::line);
  }

  @Test
  void builtInRolesAreWhatTheirNamesSay() {
    assertThat(Role.VIEWER.permissions()).noneMatch(one -> one.text().endsWith("write"));
    assertThat(Role.OPERATOR.permissions())
        .containsAll(Role.VIEWER.permissions())
        .doesNotContain(Permission.DOMAIN_WRITE, Permission.DOMAIN_BLOCK_WRITE);
    assertThat(Role.BACKUP.permissions())
        .containsAll(Role.VIEWER.permissions())
        .doesNotContain(Permission.DOMAIN_WRITE, Permission.DOMAIN_POWER);
    assertThat(Role.ADMIN.permissions()).containsExactlyInAnyOrder(Permission.values());
    assertThat(List.of(Role.VIEWER, Role.OPERATOR, Role.BACKUP))
        .allSatisfy(
            role ->
                assertThat(role.permissions())
                    .doesNotContain(
                        Permission.HOST_ADMIN,
                        Permission.TESTING_CONTROL,
                        Permission.DOMAIN_QEMU_ARGS));
  }
}
