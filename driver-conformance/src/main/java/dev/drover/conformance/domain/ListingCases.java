package dev.drover.conformance.domain;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.drover.conformance.Case;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainFilter;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.ListDomainsResponse;
import java.util.ArrayList;
import java.util.List;

/** Lists with pages, filters and masks (R20). */
public final class ListingCases {

  /** Longest name of a domain. */
  private static final int NAME_LENGTH = 64;

  private final Bench bench;

  /** Works on a bench. */
  public ListingCases(Bench bench) {
    this.bench = bench;
  }

  @Case("pages follow each other in the order of names, without gap or repetition")
  @Requirement({"R20"})
  public void pages() {
    List<String> names = new ArrayList<>();
    for (String label : List.of("e", "b", "d", "a", "c")) {
      names.add(bench.define(bench.spec(bench.name(label))).name());
    }
    List<String> listed = new ArrayList<>();
    String token = "";
    int pages = 0;
    do {
      ListDomainsResponse page =
          bench.calls().domains().listDomains(mine().setPageSize(2).setPageToken(token).build());
      listed.addAll(names(page));
      token = page.getNextPageToken();
      pages++;
    } while (!token.isEmpty());

    assertThat(listed).containsExactlyElementsOf(names.stream().sorted().toList());
    assertThat(pages).isEqualTo(3);
  }

  @Case("a page token that is not of this list is refused")
  @Requirement({"R20"})
  public void foreignToken() {
    for (String label : List.of("a", "b")) {
      var _ = bench.define(bench.spec(bench.name(label)));
    }
    String token =
        bench.calls().domains().listDomains(mine().setPageSize(1).build()).getNextPageToken();

    Refusal.of(
            () ->
                bench
                    .calls()
                    .domains()
                    .listDomains(ListDomainsRequest.newBuilder().setPageToken(token).build()))
        .is(ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID);
    Refusal.of(() -> bench.calls().domains().listDomains(mine().setPageToken("made up").build()))
        .is(ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID);
  }

  @Case("a negative page size is refused")
  @Requirement({"R20"})
  public void negativePage() {
    Refusal.of(() -> bench.calls().domains().listDomains(mine().setPageSize(-1).build()))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .tells("field", "page_size");
  }

  @Case("filters choose by state, kind of definition, label and name")
  @Requirement({"R20"})
  public void filters() {
    TestDomain off =
        bench.define(bench.spec(bench.name("off")).toBuilder().putLabels("tier", "gold").build());
    TestDomain on = bench.define(bench.spec(bench.name("on"))).start();
    TestDomain passing = bench.define(bench.spec(bench.name("passing"))).start();
    passing.undefine();

    assertThat(listed(filter().addStates(DomainState.DOMAIN_STATE_SHUT_OFF)))
        .containsExactly(off.name());
    assertThat(listed(filter().addStates(DomainState.DOMAIN_STATE_PAUSED)))
        .containsExactly(on.name(), passing.name());
    assertThat(listed(filter().setPersistent(false))).containsExactly(passing.name());
    assertThat(listed(filter().setPersistent(true))).containsExactly(off.name(), on.name());
    assertThat(listed(filter().putLabels("tier", "gold"))).containsExactly(off.name());
    assertThat(listed(filter().putLabels("tier", "tin"))).isEmpty();
    assertThat(listed(filter().setAutostart(true))).isEmpty();
    assertThat(listed(filter().setHasSnapshots(true))).isEmpty();
    assertThat(listed(filter().setHasSnapshots(false))).hasSize(3);
    assertThat(listed(filter().setNameGlob(bench.prefix() + "-o?"))).containsExactly(on.name());
  }

  @Case("a pattern of many stars is answered like any other")
  @Requirement({"R4", "R20"})
  public void hostilePattern() {
    TestDomain domain =
        bench.define(bench.spec(bench.name("a".repeat(NAME_LENGTH - bench.prefix().length() - 1))));
    String stars = "*a".repeat(20);

    assertThat(listed(DomainFilter.newBuilder().setNameGlob(bench.prefix() + "-" + stars)))
        .containsExactly(domain.name());
    assertThat(listed(DomainFilter.newBuilder().setNameGlob(bench.prefix() + "-" + stars + "b")))
        .isEmpty();
  }

  @Case("a mask leaves out what it does not name")
  @Requirement({"R20"})
  public void mask() {
    TestDomain domain = bench.define();
    FieldMask mask = FieldMask.newBuilder().addPaths("spec.name").addPaths("status.state").build();

    Domain got =
        bench
            .calls()
            .domains()
            .getDomain(
                GetDomainRequest.newBuilder().setDomain(domain.ref()).setReadMask(mask).build())
            .getDomain();
    Domain listed =
        bench.calls().domains().listDomains(mine().setReadMask(mask).build()).getDomains(0);

    assertThat(got.getSpec().getName()).isEqualTo(domain.name());
    assertThat(got.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(got.getSpec().getMemoryBytes()).isZero();
    assertThat(got.getEtag()).isEmpty();
    assertThat(listed).isEqualTo(got);
  }

  @Case("a mask with a path that does not exist is refused")
  @Requirement({"R20"})
  public void wrongMask() {
    Refusal.of(
            () ->
                bench
                    .calls()
                    .domains()
                    .listDomains(
                        mine().setReadMask(FieldMask.newBuilder().addPaths("spec.nane")).build()))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT)
        .names("field");
  }

  private DomainFilter.Builder filter() {
    return DomainFilter.newBuilder().setNameGlob(bench.prefix() + "-*");
  }

  private ListDomainsRequest.Builder mine() {
    return ListDomainsRequest.newBuilder().setFilter(filter());
  }

  private List<String> listed(DomainFilter.Builder filter) {
    return names(
        bench
            .calls()
            .domains()
            .listDomains(ListDomainsRequest.newBuilder().setFilter(filter).build()));
  }

  private static List<String> names(ListDomainsResponse page) {
    return page.getDomainsList().stream().map(domain -> domain.getSpec().getName()).toList();
  }
}
