package dev.drover.client.cli;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainFilter;
import dev.drover.v1.DomainState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code drover list}: active domains by id, then inactive ones by name. */
@Command(name = "list", description = "List domains; without options those that are active.")
final class ListCommand extends Verb {
  @Option(names = "--all", description = "Active and inactive domains.")
  private boolean all;

  @Option(names = "--inactive", description = "Inactive domains only.")
  private boolean inactive;

  @Option(names = "--persistent", description = "Persistent domains.")
  private boolean persistent;

  @Option(names = "--transient", description = "Transient domains.")
  private boolean transientOnly;

  @Option(names = "--state-running", description = "Running domains.")
  private boolean running;

  @Option(names = "--state-paused", description = "Paused domains.")
  private boolean paused;

  @Option(names = "--state-shutoff", description = "Domains that are shut off.")
  private boolean shutOff;

  @Option(names = "--state-other", description = "Domains in any other state.")
  private boolean other;

  @Option(names = "--autostart", description = "Domains started with the daemon.")
  private boolean autostart;

  @Option(names = "--no-autostart", description = "Domains not started with the daemon.")
  private boolean noAutostart;

  @Option(names = "--with-snapshot", description = "Domains with snapshots.")
  private boolean withSnapshot;

  @Option(names = "--without-snapshot", description = "Domains without snapshots.")
  private boolean withoutSnapshot;

  @Option(names = "--with-managed-save", description = "Domains whose state is kept: none.")
  private boolean withManagedSave;

  @Option(names = "--without-managed-save", description = "Domains whose state is not kept: all.")
  private boolean withoutManagedSave;

  @Option(names = "--with-checkpoint", description = "Domains with checkpoints: none.")
  private boolean withCheckpoint;

  @Option(names = "--without-checkpoint", description = "Domains without checkpoints: all.")
  private boolean withoutCheckpoint;

  @Option(names = "--managed-save", description = "Accepted as virsh does: no state is kept.")
  @SuppressWarnings("unused") // It would mark domains of which there are none.
  private boolean managedSave;

  @Option(names = "--uuid", description = "Print UUIDs only.")
  private boolean uuid;

  @Option(names = "--name", description = "Print names only.")
  private boolean name;

  @Option(names = "--id", description = "Print ids only.")
  private boolean id;

  @Option(names = "--table", description = "Print a table: the default.")
  private boolean table;

  @Option(names = "--title", description = "Show titles in the table.")
  private boolean title;

  ListCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    List<Domain> domains = new ArrayList<>(drover().domains().list(filter()));
    boolean none =
        (withManagedSave && !withoutManagedSave) || (withCheckpoint && !withoutCheckpoint);
    domains.removeIf(domain -> none || !chosen(domain.getStatus().getState()));
    domains.sort(
        Comparator.comparing((Domain domain) -> domain.getStatus().getId() == 0)
            .thenComparingLong(domain -> Integer.toUnsignedLong(domain.getStatus().getId()))
            .thenComparing(Verb::name));
    if (!output().forPeople()) {
      output().messages(domains);
    } else if (!table && (uuid || name || id)) {
      domains.forEach(domain -> output().line(words(domain)));
    } else {
      output().table(table(domains));
    }
  }

  @Override
  String failure() {
    return "Failed to list domains";
  }

  private DomainFilter filter() {
    DomainFilter.Builder filter = DomainFilter.newBuilder().addAllStates(states());
    if (persistent != transientOnly) {
      filter.setPersistent(persistent);
    }
    if (autostart != noAutostart) {
      filter.setAutostart(autostart);
    }
    if (withSnapshot != withoutSnapshot) {
      filter.setHasSnapshots(withSnapshot);
    }
    return filter.build();
  }

  private Set<DomainState> states() {
    Set<DomainState> states = EnumSet.noneOf(DomainState.class);
    if (running) {
      states.add(DomainState.DOMAIN_STATE_RUNNING);
    }
    if (paused) {
      states.add(DomainState.DOMAIN_STATE_PAUSED);
    }
    if (shutOff) {
      states.add(DomainState.DOMAIN_STATE_SHUT_OFF);
    }
    if (other) {
      states.addAll(
          EnumSet.of(
              DomainState.DOMAIN_STATE_IN_SHUTDOWN,
              DomainState.DOMAIN_STATE_CRASHED,
              DomainState.DOMAIN_STATE_UNKNOWN));
    }
    return states;
  }

  /** A state that was asked for by name counts whether it is active or not. */
  private boolean chosen(DomainState state) {
    boolean asked = running || paused || shutOff || other;
    return all || (asked && !inactive) || Texts.active(state) != inactive;
  }

  private String words(Domain domain) {
    List<String> words = new ArrayList<>();
    if (uuid) {
      words.add(domain.getSpec().getUuid());
    }
    if (name) {
      words.add(name(domain));
    }
    if (id) {
      words.add(Texts.id(domain));
    }
    return String.join(" ", words);
  }

  private Table table(List<Domain> domains) {
    List<String> header = new ArrayList<>(List.of("Id", "Name", "State"));
    if (title) {
      header.add("Title");
    }
    if (uuid) {
      header.add("UUID");
    }
    List<List<String>> rows = new ArrayList<>();
    for (Domain domain : domains) {
      List<String> row =
          new ArrayList<>(List.of(Texts.id(domain), name(domain), Texts.state(domain.getStatus())));
      if (title) {
        row.add(domain.getSpec().getTitle());
      }
      if (uuid) {
        row.add(domain.getSpec().getUuid());
      }
      rows.add(row);
    }
    return new Table(header, rows);
  }
}
