package dev.drover.conformance.model;

import dev.drover.v1.Capability;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.RevertState;
import dev.drover.v1.SnapshotScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Tuple;

/** Random scenarios of what two drivers have in common. */
final class Scenarios {

  private static final int BLOCKS = 8;
  private static final int VALUES = 250;

  private static final int SIZE = 1000;

  private final List<RandomGenerator<Operation>> operations;
  private final int steps;

  /**
   * Scenarios that keep to capabilities: what needs one that is missing is not done.
   *
   * @param common capabilities that both drivers declare
   * @param steps how many operations each has
   */
  Scenarios(Set<Capability> common, int steps) {
    this.operations = operations(common);
    this.steps = steps;
  }

  /** The scenario of a seed. */
  Scenario of(long seed) {
    // Seeds that follow each other would begin alike.
    Random random = new Random(seed * 0x9E3779B97F4A7C15L);
    return new Scenario(
        1 + random.nextInt(4),
        random.nextBoolean(),
        random.nextBoolean(),
        Stream.generate(
                () -> operations.get(random.nextInt(operations.size())).next(random).value())
            .limit(steps)
            .toList());
  }

  /** Each kind as often as it is to be more frequent than others. */
  private static List<RandomGenerator<Operation>> operations(Set<Capability> common) {
    List<RandomGenerator<Operation>> choices = new ArrayList<>();
    choices.addAll(Collections.nCopies(8, power().generator(SIZE)));
    choices.addAll(Collections.nCopies(5, write().generator(SIZE)));
    choices.addAll(Collections.nCopies(2, redefine().generator(SIZE)));
    if (common.contains(Capability.CAPABILITY_BLOCK_COMMIT)) {
      choices.addAll(Collections.nCopies(6, commit(common).generator(SIZE)));
    }
    if (common.contains(Capability.CAPABILITY_BLOCK_PULL)) {
      choices.addAll(Collections.nCopies(4, pull().generator(SIZE)));
    }
    if (common.contains(Capability.CAPABILITY_BLOCK_COPY)) {
      choices.addAll(Collections.nCopies(4, copy().generator(SIZE)));
      choices.addAll(Collections.nCopies(2, rebase().generator(SIZE)));
    }
    choices.addAll(Collections.nCopies(7, endJob().generator(SIZE)));
    choices.addAll(
        Collections.nCopies(1, number(3).<Operation>map(Operation.Unleash::new).generator(SIZE)));
    if (common.contains(Capability.CAPABILITY_JOB_GROUPS)) {
      choices.addAll(
          Collections.nCopies(
              1,
              Arbitraries.of(JobCompletion.JOB_COMPLETION_PIVOT, JobCompletion.JOB_COMPLETION_KEEP)
                  .<Operation>map(Operation.EndTogether::new)
                  .generator(SIZE)));
    }
    if (common.contains(Capability.CAPABILITY_SNAPSHOT_EXTERNAL_DISK)) {
      choices.addAll(Collections.nCopies(6, snapshot(common).generator(SIZE)));
    }
    if (common.contains(Capability.CAPABILITY_SNAPSHOT_IMPORT)) {
      choices.addAll(Collections.nCopies(2, rename().generator(SIZE)));
    }
    if (common.contains(Capability.CAPABILITY_SNAPSHOT_REVERT)) {
      choices.addAll(Collections.nCopies(3, revert().generator(SIZE)));
    }
    if (common.contains(Capability.CAPABILITY_SNAPSHOT_DELETE)) {
      choices.addAll(Collections.nCopies(3, delete().generator(SIZE)));
    }
    return choices;
  }

  private static Arbitrary<Operation> power() {
    return Arbitraries.frequency(
        Tuple.of(3, new Operation.Start(true)),
        Tuple.of(5, new Operation.Start(false)),
        Tuple.of(2, new Operation.Suspend()),
        Tuple.of(2, new Operation.Resume()),
        Tuple.of(3, new Operation.Destroy()));
  }

  private static Arbitrary<Operation> redefine() {
    return Combinators.combine(number(2), rarely()).as(Operation.Redefine::new);
  }

  private static Arbitrary<Operation> rename() {
    return Combinators.combine(number(4), rarely(), rarely()).as(Operation.Rename::new);
  }

  private static Arbitrary<Operation> write() {
    return Combinators.combine(
            number(1),
            Arbitraries.integers().between(0, BLOCKS - 1),
            Arbitraries.integers().between(1, VALUES))
        .as(Operation.Write::new);
  }

  private static Arbitrary<Operation> snapshot(Set<Capability> common) {
    List<Tuple.Tuple2<Integer, Operation.Form>> forms =
        new ArrayList<>(
            List.of(
                Tuple.of(6, Operation.Form.NEW),
                Tuple.of(1, Operation.Form.UNRECORDED),
                Tuple.of(1, Operation.Form.GIVEN)));
    if (common.contains(Capability.CAPABILITY_SNAPSHOT_INTERNAL)) {
      forms.add(Tuple.of(2, Operation.Form.INTERNAL));
    }
    List<Tuple.Tuple2<Integer, Operation.Memory>> memories =
        new ArrayList<>(List.of(Tuple.of(8, Operation.Memory.NONE)));
    if (common.contains(Capability.CAPABILITY_SNAPSHOT_MEMORY)) {
      memories.add(Tuple.of(4, Operation.Memory.HELD));
      memories.add(Tuple.of(1, Operation.Memory.OVER));
    }
    if (common.contains(Capability.CAPABILITY_SNAPSHOT_MEMORY_LIVE)) {
      memories.add(Tuple.of(2, Operation.Memory.LIVE));
    }
    return Combinators.combine(
            Arbitraries.frequency(forms), Arbitraries.frequency(memories), rarely(), sometimes())
        .as(Operation.Snapshot::new);
  }

  private static Arbitrary<Operation> revert() {
    return Combinators.combine(
            number(4),
            Arbitraries.of(
                RevertState.REVERT_STATE_UNSPECIFIED,
                RevertState.REVERT_STATE_SHUT_OFF,
                RevertState.REVERT_STATE_PAUSED,
                RevertState.REVERT_STATE_RUNNING))
        .as(Operation.Revert::new);
  }

  private static Arbitrary<Operation> delete() {
    return Combinators.combine(
            number(4),
            Arbitraries.of(
                SnapshotScope.SNAPSHOT_SCOPE_ONE,
                SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN,
                SnapshotScope.SNAPSHOT_SCOPE_CHILDREN_ONLY),
            rarely())
        .as(Operation.Delete::new);
  }

  private static Arbitrary<Operation> commit(Set<Capability> common) {
    Arbitrary<Integer> tops =
        common.contains(Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT)
            ? image()
            : Arbitraries.integers().between(2, 6);
    return Combinators.combine(
            disk(), tops, image(), rarely(), sometimes(), rarely(), completion(), pace())
        .as(Operation.Commit::new);
  }

  private static Arbitrary<Operation> pull() {
    Arbitrary<Integer> into =
        Arbitraries.frequency(
            Tuple.of(12, 0), Tuple.of(1, 1), Tuple.of(2, 2), Tuple.of(1, 3), Tuple.of(1, 9));
    return Combinators.combine(disk(), image(), into, rarely(), pace()).as(Operation.Pull::new);
  }

  private static Arbitrary<Operation> copy() {
    Arbitrary<Operation.Destination> destination =
        Arbitraries.frequency(
            Tuple.of(5, Operation.Destination.NONE),
            Tuple.of(2, Operation.Destination.GIVEN),
            Tuple.of(1, Operation.Destination.TAKEN),
            Tuple.of(1, Operation.Destination.MISSING));
    return Combinators.combine(disk(), sometimes(), rarely(), destination, completion(), pace())
        .as(Operation.Copy::new);
  }

  private static Arbitrary<Operation> rebase() {
    return Combinators.combine(disk(), image(), sometimes(), rarely(), rarely(), pace())
        .as(Operation.Rebase::new);
  }

  private static Arbitrary<Operation> endJob() {
    return Combinators.combine(
            Arbitraries.frequency(Tuple.of(12, 0), Tuple.of(2, 1), Tuple.of(1, 2), Tuple.of(1, 3)),
            Arbitraries.frequency(
                Tuple.of(3, Operation.End.PIVOT),
                Tuple.of(1, Operation.End.KEEP),
                Tuple.of(2, Operation.End.CANCEL)))
        .as(Operation.EndJob::new);
  }

  private static Arbitrary<JobCompletion> completion() {
    return Arbitraries.frequency(
        Tuple.of(6, JobCompletion.JOB_COMPLETION_UNSPECIFIED),
        Tuple.of(2, JobCompletion.JOB_COMPLETION_PIVOT),
        Tuple.of(1, JobCompletion.JOB_COMPLETION_KEEP));
  }

  private static Arbitrary<Operation.Pace> pace() {
    return Arbitraries.frequency(
        Tuple.of(6, Operation.Pace.FULL),
        Tuple.of(3, Operation.Pace.SLOW),
        Tuple.of(1, Operation.Pace.CHECKED));
  }

  private static Arbitrary<Integer> disk() {
    return Arbitraries.frequency(Tuple.of(12, 0), Tuple.of(6, 1), Tuple.of(1, 2));
  }

  /** An image, more often one there is than one that is beyond the chain. */
  private static Arbitrary<Integer> image() {
    return Arbitraries.frequency(
        Tuple.of(5, 0),
        Tuple.of(3, 1),
        Tuple.of(5, 2),
        Tuple.of(4, 3),
        Tuple.of(2, 4),
        Tuple.of(1, 9));
  }

  private static Arbitrary<Integer> number(int most) {
    return Arbitraries.integers().between(0, most);
  }

  private static Arbitrary<Boolean> rarely() {
    return Arbitraries.frequency(Tuple.of(1, true), Tuple.of(8, false));
  }

  private static Arbitrary<Boolean> sometimes() {
    return Arbitraries.frequency(Tuple.of(1, true), Tuple.of(3, false));
  }
}
