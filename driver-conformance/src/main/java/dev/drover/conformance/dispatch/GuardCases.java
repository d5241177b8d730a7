package dev.drover.conformance.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Calls;
import dev.drover.conformance.bench.Endpoint;
import dev.drover.conformance.bench.Refusal;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Effect;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.GetVersionRequest;
import java.util.List;

/** The checks every call passes before a driver sees it, and their order (A4, A9). */
public final class GuardCases {

  private final Bench bench;

  /** Works on a bench. */
  public GuardCases(Bench bench) {
    this.bench = bench;
  }

  /** RPCs that change something. */
  public static List<Endpoint> mutating() {
    return Endpoint.all().stream()
        .filter(Endpoint::ordinary)
        .filter(endpoint -> endpoint.effect() == Effect.EFFECT_MUTATES)
        .toList();
  }

  /** RPCs that only read. */
  public static List<Endpoint> reading() {
    return Endpoint.all().stream()
        .filter(Endpoint::ordinary)
        .filter(endpoint -> endpoint.effect() == Effect.EFFECT_READS)
        .toList();
  }

  /** RPCs of every driver. */
  public static List<Endpoint> every() {
    return Endpoint.all().stream().filter(Endpoint::ordinary).toList();
  }

  /** RPCs that cannot do without something in their request. */
  public static List<Endpoint> demanding() {
    List<String> optional = List.of("ListDomains", "ListJobs", "Watch", "InspectWaits");
    return every().stream()
        .filter(endpoint -> !endpoint.empty().getDescriptorForType().getFields().isEmpty())
        .filter(endpoint -> !optional.contains(endpoint.toString()))
        .toList();
  }

  @Case("every RPC declares a permission and an effect")
  @Requirement({"R23"})
  public void declaresEffects() {
    assertThat(every())
        .allMatch(endpoint -> endpoint.effect() != Effect.EFFECT_UNSPECIFIED, "has an effect");
  }

  @Case("a read-only connection is refused before arguments and fields are looked at")
  @Requirement({"A4"})
  @EachOf("mutating")
  public void readOnlyComesFirst(Endpoint endpoint) {
    Calls readOnly = bench.calls().readOnly();

    Refusal.of(() -> endpoint.call(readOnly, endpoint.empty()))
        .is(ErrorReason.ERROR_REASON_READ_ONLY_CONNECTION);
    Refusal.of(() -> endpoint.call(readOnly, endpoint.unknown()))
        .is(ErrorReason.ERROR_REASON_READ_ONLY_CONNECTION);
    Refusal.of(() -> endpoint.call(bench.calls("nowhere:///x").readOnly(), endpoint.empty()))
        .is(ErrorReason.ERROR_REASON_READ_ONLY_CONNECTION);
  }

  @Case("a read-only connection may call what only reads")
  @Requirement({"A4"})
  @EachOf("reading")
  public void readOnlyReads(Endpoint endpoint) {
    Calls readOnly = bench.calls().readOnly();
    if (demanding().contains(endpoint)) {
      Refusal.of(() -> endpoint.call(readOnly, endpoint.empty()))
          .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
    } else if (endpoint.toString().equals("ListJobs")
        && !bench.declared().contains(Capability.CAPABILITY_BLOCK_CHAIN)) {
      Refusal.of(() -> endpoint.call(readOnly, endpoint.empty()))
          .is(ErrorReason.ERROR_REASON_NOT_SUPPORTED);
    } else {
      endpoint.call(readOnly, endpoint.empty());
    }
  }

  @Case("a field the daemon does not know is refused by name before arguments are looked at")
  @Requirement({"A4", "A9", "R24"})
  @EachOf("every")
  public void unknownField(Endpoint endpoint) {
    Refusal.of(() -> endpoint.call(bench.calls(), endpoint.unknown()))
        .is(ErrorReason.ERROR_REASON_UNKNOWN_FIELD)
        .names("field");
  }

  @Case("an unknown field deep inside a request is refused")
  @Requirement({"A9", "R24"})
  public void unknownFieldInside() {
    DomainSpec spec =
        bench.spec(bench.name("vm")).toBuilder()
            .setUnknownFields(Endpoint.all().getFirst().unknown().getUnknownFields())
            .build();

    Refusal.of(
            () ->
                bench
                    .calls()
                    .domains()
                    .defineDomain(DefineDomainRequest.newBuilder().setSpec(spec).build()))
        .is(ErrorReason.ERROR_REASON_UNKNOWN_FIELD);
    assertThat(bench.domains()).isEmpty();
  }

  @Case("an enum value the daemon does not know is refused")
  @Requirement({"A9", "R24"})
  public void unknownEnumValue() {
    DomainSpec spec = bench.spec(bench.name("vm")).toBuilder().setAccelerationValue(4711).build();

    Refusal.of(
            () ->
                bench
                    .calls()
                    .domains()
                    .defineDomain(DefineDomainRequest.newBuilder().setSpec(spec).build()))
        .is(ErrorReason.ERROR_REASON_UNKNOWN_FIELD)
        .names("field");
    assertThat(bench.domains()).isEmpty();
  }

  @Case("a request without what it requires is refused, also for a connection that nobody serves")
  @Requirement({"A4", "R18"})
  @EachOf("demanding")
  public void missingArgument(Endpoint endpoint) {
    Refusal.of(() -> endpoint.call(bench.calls("nowhere:///x"), endpoint.empty()))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .names("field");
  }

  @Case("a connection URI that nobody serves is refused with those that are served")
  @Requirement({"A4"})
  public void unknownDriver() {
    Refusal.of(
            () ->
                bench
                    .calls("nowhere:///x")
                    .host()
                    .getVersion(GetVersionRequest.getDefaultInstance()))
        .is(ErrorReason.ERROR_REASON_UNKNOWN_DRIVER)
        .tells("uri", "nowhere:///x")
        .names("known");
    assertThat(
            Refusal.of(
                    () ->
                        bench
                            .calls("nowhere:///x")
                            .host()
                            .getVersion(GetVersionRequest.getDefaultInstance()))
                .metadata()
                .get("known"))
        .contains(bench.target().connectionUri());
  }

  @Case("a connection URI that cannot be read is refused")
  @Requirement({"A4"})
  public void unreadableUri() {
    Refusal.of(
            () ->
                bench
                    .calls("no uri at all")
                    .host()
                    .getVersion(GetVersionRequest.getDefaultInstance()))
        .is(ErrorReason.ERROR_REASON_CONNECTION_URI_INVALID)
        .tells("uri", "no uri at all");
  }

  @Case("shallow together with a base is refused before the domain is looked up")
  @Requirement({"A5", "A4"})
  public void shallowWithBase() {
    Refusal.of(
            () ->
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(DomainRef.newBuilder().setName(bench.name("absent")))
                            .setDisk("vda")
                            .setBase("/base")
                            .setShallow(true)))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .names("field");
  }

  @Case("a failure leaves nothing behind for the call after it")
  @Requirement({"A6"})
  public void failureDoesNotLeak() {
    Calls calls = bench.calls();
    String absent = bench.name("absent");
    Refusal.of(
            () ->
                calls
                    .domains()
                    .getDomain(
                        GetDomainRequest.newBuilder()
                            .setDomain(DomainRef.newBuilder().setName(absent))
                            .build()))
        .is(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND)
        .tells("domain", absent);

    assertThat(calls.host().getVersion(GetVersionRequest.getDefaultInstance()).getApiVersion())
        .isEqualTo("v1");
  }

  @Case("a message over the limit is refused with the limit named")
  @Requirement({"R29"})
  public void tooLarge() {
    long limit =
        bench
            .calls()
            .host()
            .getCapabilities(GetCapabilitiesRequest.getDefaultInstance())
            .getLimitsOrThrow("message_bytes");
    DomainSpec spec =
        bench.spec(bench.name("vm")).toBuilder()
            .setDescription("x".repeat(Math.toIntExact(limit)))
            .build();

    Refusal.of(
            () ->
                bench
                    .calls()
                    .domains()
                    .defineDomain(DefineDomainRequest.newBuilder().setSpec(spec).build()))
        .is(ErrorReason.ERROR_REASON_LIMIT_EXCEEDED)
        .tells("limit", "message_bytes")
        .tells("maximum", Long.toString(limit));
    assertThat(bench.domains()).isEmpty();
  }
}
