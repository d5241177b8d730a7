package dev.drover.conformance.block.commit;

import dev.drover.conformance.bench.DiskChain;
import dev.drover.v1.BlockCommitRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * One spelling of a commit on {@code base <- snap1 <- snap2 <- active}, and what it must come to
 * (section 1C).
 *
 * @param id requirement
 * @param base layer named as base; empty where none is named
 * @param top layer named as top; empty where none is named
 * @param shallow whether shallow is set
 * @param after layers of the chain afterwards, from the top
 * @param invalidated layers that no longer hold a usable view, from the top
 */
public record Equivalence(
    String id,
    String base,
    String top,
    boolean shallow,
    List<String> after,
    List<String> invalidated) {

  /** Every spelling. */
  public static List<Equivalence> all() {
    List<Equivalence> all = new ArrayList<>();
    List<String> everything = List.of("active", "snap2", "snap1");
    all.add(new Equivalence("C1", "", "", false, List.of("base"), everything));
    all.add(new Equivalence("C1", "", "active", false, List.of("base"), everything));
    all.add(new Equivalence("C1", "base", "", false, List.of("base"), everything));
    all.add(new Equivalence("C1", "base", "active", false, List.of("base"), everything));
    List<String> two = List.of("snap2", "snap1", "base");
    all.add(new Equivalence("C2", "snap2", "", false, two, List.of("active")));
    all.add(new Equivalence("C2", "", "", true, two, List.of("active")));
    List<String> without2 = List.of("active", "snap1", "base");
    all.add(new Equivalence("C4", "", "snap2", true, without2, List.of("snap2")));
    List<String> ends = List.of("active", "base");
    all.add(new Equivalence("C5", "", "snap2", false, ends, List.of("snap2", "snap1")));
    all.add(new Equivalence("C5", "base", "snap2", false, ends, List.of("snap2", "snap1")));
    List<String> without1 = List.of("active", "snap2", "base");
    all.add(new Equivalence("C6", "", "snap1", false, without1, List.of("snap1")));
    all.add(new Equivalence("C6", "base", "snap1", false, without1, List.of("snap1")));
    all.add(new Equivalence("C6", "", "snap1", true, without1, List.of("snap1")));
    List<String> lower = List.of("snap1", "base");
    all.add(new Equivalence("C7", "snap1", "", false, lower, List.of("active", "snap2")));
    all.add(new Equivalence("C7", "snap1", "active", false, lower, List.of("active", "snap2")));
    return all;
  }

  /** Whether the active image is committed. */
  boolean activeImage() {
    return invalidated.getFirst().equals("active");
  }

  /** The request that spells it, without active. */
  BlockCommitRequest.Builder request(DiskChain chain) {
    BlockCommitRequest.Builder request =
        BlockCommitRequest.newBuilder().setDisk(chain.target()).setShallow(shallow);
    if (!base.isEmpty()) {
      request.setBase(chain.path(base));
    }
    if (!top.isEmpty()) {
      request.setTop(chain.path(top));
    }
    return request;
  }

  @Override
  public String toString() {
    return "%s (%s, %s%s)"
        .formatted(
            id, base.isEmpty() ? "-" : base, top.isEmpty() ? "-" : top, shallow ? ", shallow" : "");
  }
}
