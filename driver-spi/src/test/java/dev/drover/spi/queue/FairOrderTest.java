package dev.drover.spi.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FairOrderTest {

  private final FairOrder order = new FairOrder();

  @Test
  void turnsGoRoundBetweenCallers() {
    // R29: who came later with one job does not wait for all that another asked for before.
    List<Claim> waiting =
        List.of(
            claim("a1", "ann", "x"),
            claim("a2", "ann", "x"),
            claim("a3", "ann", "x"),
            claim("b1", "bob", "y"),
            claim("c1", "cid", "z"),
            claim("c2", "cid", "z"));
    assertThat(ids(order.sorted(waiting, List.of())))
        .containsExactly("a1", "b1", "c1", "a2", "c2", "a3");
  }

  @Test
  void turnsGoRoundBetweenTheDomainsOfACaller() {
    List<Claim> waiting =
        List.of(
            claim("x1", "ann", "x"),
            claim("x2", "ann", "x"),
            claim("x3", "ann", "x"),
            claim("y1", "ann", "y"));
    assertThat(ids(order.sorted(waiting, List.of()))).containsExactly("x1", "y1", "x2", "x3");
  }

  @Test
  void whoHasMostPlacesIsLast() {
    List<Claim> holding = List.of(claim("a0", "ann", "x"), claim("a1", "ann", "y"));
    List<Claim> waiting =
        List.of(claim("a2", "ann", "x"), claim("b1", "bob", "y"), claim("b2", "bob", "y"));
    assertThat(ids(order.sorted(waiting, holding))).containsExactly("b1", "b2", "a2");
  }

  @Test
  void withOnePlaceTurnsAlternate() {
    // Nobody has a place when one becomes free: only what was served before tells who is next.
    List<Claim> waiting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiting.add(claim("a" + i, "ann", "x"));
    }
    for (int i = 0; i < 3; i++) {
      waiting.add(claim("b" + i, "bob", "y"));
    }
    List<String> turns = new ArrayList<>();
    while (!waiting.isEmpty()) {
      Claim next = order.sorted(waiting, List.of()).getFirst();
      order.served(next);
      waiting.remove(next);
      turns.add(next.jobId());
    }
    assertThat(turns).containsExactly("a0", "b0", "a1", "b1", "a2", "b2");
  }

  @Test
  void theOrderForetoldIsTheOrderKept() {
    List<Claim> waiting = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      waiting.add(claim("j" + i, "caller" + i % 3 * (i % 2), "domain" + i % 7));
    }
    List<String> foretold = ids(order.sorted(waiting, List.of()));
    List<Claim> holding = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    while (!waiting.isEmpty()) {
      Claim next = order.sorted(waiting, holding).getFirst();
      order.served(next);
      waiting.remove(next);
      holding.add(next);
      kept.add(next.jobId());
    }
    assertThat(kept).isEqualTo(foretold);
  }

  private static Claim claim(String job, String owner, String domain) {
    return new Claim(job, owner, domain, Set.of());
  }

  private static List<String> ids(List<Claim> claims) {
    return claims.stream().map(Claim::jobId).toList();
  }
}
