package dev.drover.conformance.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.ConformancePolicy;
import dev.drover.conformance.OutOfReach;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ExplainPermissionRequest;
import dev.drover.v1.ExplainPermissionResponse;

/** Who may make a call, and what in the policy decides that (R23). */
public final class PermissionCases {

  private static final String METHOD = "drover.v1.DomainService/StartDomain";

  private final Bench bench;

  /** Works on a bench. */
  public PermissionCases(Bench bench) {
    this.bench = bench;
  }

  @Case("who is bound to no role may do nothing, and is told so before trying")
  @Requirement({"R23"})
  public void unbound() {
    ExplainPermissionRequest nobody = start("x509:uri:urn:drover:nobody").build();
    ExplainPermissionResponse answer = explain(nobody);

    denied(answer, "urn:drover:nobody");
    Refusal.of(() -> explain(nobody.toBuilder().setMethod("Explode").build()))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "method");
  }

  @Case("root may do everything and needs no binding, of which there is no line to tell")
  @Requirement({"R23"})
  public void root() {
    TestDomain domain = bench.define();
    for (ExplainPermissionRequest.Builder request :
        new ExplainPermissionRequest.Builder[] {
          start("uid:0"), start("uid:0").setDomain(domain.ref())
        }) {
      ExplainPermissionResponse answer = explain(request.build());

      assertThat(answer.getAllowed()).isTrue();
      assertThat(answer.getRole()).isNotEmpty();
      assertThat(answer.getLine()).as("the line of a binding that nobody wrote").isZero();
      assertThat(answer.getLimited()).isFalse();
      assertThat(answer.getDetail()).contains("uid:0", METHOD);
    }
  }

  @Case("who is bound is told the role, the line of its binding, and whether it holds everywhere")
  @Requirement({"R23"})
  public void bound() {
    TestDomain within = bench.define(bench.spec(bench.name(ConformancePolicy.BOUND)));
    TestDomain beyond = bench.define(bench.spec(bench.name("free")));
    ExplainPermissionRequest.Builder everywhere = start(ConformancePolicy.EVERYWHERE);
    ExplainPermissionRequest.Builder somewhere = start(ConformancePolicy.SOMEWHERE);
    ExplainPermissionResponse first = explain(everywhere.build());
    ExplainPermissionResponse second = explain(somewhere.build());
    if (!first.getAllowed() && !second.getAllowed()) {
      throw new OutOfReach(
          "the daemon's policy binds nobody whom a case knows; with the bindings of"
              + " ConformancePolicy it does");
    }

    allowed(first, ConformancePolicy.EVERYWHERE, false);
    allowed(second, ConformancePolicy.SOMEWHERE, true);
    assertThat(second.getLine())
        .as("the line where the second binding begins")
        .isGreaterThan(first.getLine());
    assertThat(explain(everywhere.setDomain(beyond.ref()).build()))
        .isEqualTo(first.toBuilder().setDetail(on(first, beyond)).build());
    assertThat(explain(somewhere.setDomain(within.byUuid()).build()))
        .returns(true, ExplainPermissionResponse::getAllowed)
        .returns(second.getLine(), ExplainPermissionResponse::getLine)
        .returns(true, ExplainPermissionResponse::getLimited);
    denied(explain(somewhere.setDomain(beyond.ref()).build()), ConformancePolicy.SOMEWHERE);
    denied(
        explain(somewhere.clearDomain().setMethod("UndefineDomain").build()),
        ConformancePolicy.SOMEWHERE);
  }

  @Case("whether somebody may do something to a domain that is not there is no answer")
  @Requirement({"R23"})
  public void noSuchDomain() {
    TestDomain gone = bench.define();
    gone.undefine();

    Refusal.of(() -> explain(start("uid:0").setDomain(gone.ref()).build()))
        .is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND)
        .tells("domain", gone.name());
  }

  private static String on(ExplainPermissionResponse answer, TestDomain domain) {
    return answer.getDetail().replace(METHOD, METHOD + " on the domain '" + domain.name() + "'");
  }

  private static void allowed(ExplainPermissionResponse answer, String who, boolean limited) {
    assertThat(answer.getAllowed()).isTrue();
    assertThat(answer.getMethod()).isEqualTo(METHOD);
    assertThat(answer.getPermission()).isEqualTo("domain.power");
    assertThat(answer.getRole()).isEqualTo(ConformancePolicy.ROLE);
    assertThat(answer.getLine()).as("the line where the binding begins").isPositive();
    assertThat(answer.getLimited()).as("limited to some domains").isEqualTo(limited);
    assertThat(answer.getDetail()).contains(who, "line " + answer.getLine());
  }

  private static void denied(ExplainPermissionResponse answer, String who) {
    assertThat(answer.getAllowed()).isFalse();
    assertThat(answer.getMethod()).startsWith("drover.v1.DomainService/");
    assertThat(answer.getPermission()).startsWith("domain.");
    assertThat(answer.getRole()).isEmpty();
    assertThat(answer.getLine()).as("the line of a binding that there is not").isZero();
    assertThat(answer.getLimited()).isFalse();
    assertThat(answer.getDetail()).contains(who, answer.getPermission());
  }

  private static ExplainPermissionRequest.Builder start(String principal) {
    return ExplainPermissionRequest.newBuilder().setPrincipal(principal).setMethod("StartDomain");
  }

  private ExplainPermissionResponse explain(ExplainPermissionRequest request) {
    return bench.calls().host().explainPermission(request);
  }
}
