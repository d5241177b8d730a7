package dev.drover.client.cli;

import dev.drover.v1.Snapshot;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code drover snapshot-list}: a domain's snapshots by name, or as a tree. */
@Command(name = "snapshot-list", description = "List a domain's snapshots, by name.")
final class SnapshotListCommand extends DomainVerb {
  @Option(names = "--name", description = "Print names only.")
  private boolean name;

  @Option(names = "--parent", description = "Show the parent of each.")
  private boolean parent;

  @Option(names = "--tree", description = "Draw them as a tree.")
  private boolean tree;

  @Option(names = "--roots", description = "Those without a parent only.")
  private boolean roots;

  @Option(names = "--leaves", description = "Those without children only.")
  private boolean leaves;

  @Option(names = "--no-leaves", description = "Those with children only.")
  private boolean noLeaves;

  @Option(
      names = "--from",
      paramLabel = "SNAPSHOTNAME",
      description = "The children of this snapshot only; with --tree all that descend from it.")
  private Optional<String> from = Optional.empty();

  @Option(names = "--current", description = "The children of the current snapshot only.")
  private boolean current;

  @Option(
      names = "--descendants",
      description = "With --from or --current: all that descend from it.")
  private boolean descendants;

  @Option(
      names = "--topological",
      description = "Parents before their children, the oldest first, in place of by name.")
  private boolean topological;

  @Mixin private final SnapshotFilterOptions filter = new SnapshotFilterOptions();

  SnapshotListCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    check();
    List<Snapshot> snapshots = domain().snapshots();
    List<Snapshot> drawn = tree ? snapshots.stream().filter(filter::shows).toList() : snapshots;
    SnapshotForest forest =
        topological ? SnapshotForest.topological(drawn) : SnapshotForest.byName(drawn);
    Optional<Snapshot> start = start(snapshots);
    List<Snapshot> chosen = chosen(forest, start);
    if (!output().forPeople()) {
      output().messages(chosen);
    } else if (tree) {
      start
          .map(root -> SnapshotTree.below(forest, root))
          .orElseGet(() -> SnapshotTree.lines(forest))
          .forEach(output()::line);
    } else if (name) {
      chosen.forEach(snapshot -> output().line(words(snapshot)));
    } else {
      output().table(table(chosen, parent, session().surroundings().zone()));
    }
  }

  private void check() {
    exclusive("--tree", tree, "--name", name);
    exclusive("--parent", parent, "--roots", roots);
    exclusive("--parent", parent, "--tree", tree);
    exclusive("--roots", roots, "--tree", tree);
    exclusive("--roots", roots, "--from", from.isPresent());
    exclusive("--roots", roots, "--current", current);
    exclusive("--from", from.isPresent(), "--current", current);
    exclusive("--leaves", leaves, "--tree", tree);
    exclusive("--no-leaves", noLeaves, "--tree", tree);
    exclusive("--leaves", leaves, "--no-leaves", noLeaves);
    if (descendants && from.isEmpty() && !current) {
      throw new CommandFailure("--descendants requires either --from or --current");
    }
  }

  /** The snapshot below which the list begins; empty: all are meant. */
  private Optional<Snapshot> start(List<Snapshot> snapshots) {
    if (current) {
      return Optional.of(
          requireCurrent(snapshots.stream().filter(Snapshot::getCurrent).findFirst()));
    }
    return from.map(
        wanted ->
            snapshots.stream()
                .filter(snapshot -> snapshot.getName().equals(wanted))
                .findFirst()
                // The daemon's own words for a snapshot that does not exist.
                .orElseGet(() -> domain().snapshot(wanted)));
  }

  private List<Snapshot> chosen(SnapshotForest forest, Optional<Snapshot> start) {
    List<Snapshot> reached = new ArrayList<>(forest.all());
    if (start.isPresent()) {
      String top = start.get().getName();
      boolean deep = descendants || tree;
      reached.retainAll(deep ? forest.descendants(top) : forest.children(top));
      if (tree) {
        reached.addFirst(start.get());
      }
    } else if (roots) {
      reached.retainAll(forest.roots());
    }
    reached.removeIf(snapshot -> !filter.shows(snapshot));
    if (leaves || noLeaves) {
      reached.removeIf(snapshot -> forest.hasChildren(snapshot) == leaves);
    }
    return reached;
  }

  private String words(Snapshot snapshot) {
    return parent && !snapshot.getParent().isEmpty()
        ? snapshot.getName() + "\t" + snapshot.getParent()
        : snapshot.getName();
  }

  private static Table table(List<Snapshot> snapshots, boolean parent, ZoneId zone) {
    List<List<String>> rows = new ArrayList<>();
    for (Snapshot snapshot : snapshots) {
      List<String> row = new ArrayList<>();
      row.add(snapshot.getName());
      row.add(Texts.time(snapshot.getCreateTime(), zone));
      row.add(Texts.standing(snapshot));
      if (parent) {
        row.add(Table.orDash(snapshot.getParent()));
      }
      rows.add(row);
    }
    List<String> header = new ArrayList<>(List.of("Name", "Creation Time", "State"));
    if (parent) {
      header.add("Parent");
    }
    return new Table(header, rows);
  }

  @Override
  String failure() {
    return "Failed to list the snapshots of domain '%s'".formatted(words());
  }
}
