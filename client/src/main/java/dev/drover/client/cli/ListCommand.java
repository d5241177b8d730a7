package dev.drover.client.cli;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainFilter;
import dev.drover.v1.DomainState;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** {@code drover list}: active domains by id, then inactive ones by name. */
final class ListCommand extends Verb {
  private enum Flag {
    ALL("--all", "Active and inactive domains."),
    INACTIVE("--inactive", "Inactive domains only."),
    PERSISTENT("--persistent", "Persistent domains."),
    TRANSIENT("--transient", "Transient domains."),
    STATE_RUNNING("--state-running", "Running domains."),
    STATE_PAUSED("--state-paused", "Paused domains."),
    STATE_SHUTOFF("--state-shutoff", "Domains that are shut off."),
    STATE_OTHER("--state-other", "Domains in any other state."),
    AUTOSTART("--autostart", "Domains started with the daemon."),
    NO_AUTOSTART("--no-autostart", "Domains not started with the daemon."),
    WITH_SNAPSHOT("--with-snapshot", "Domains with snapshots."),
    WITHOUT_SNAPSHOT("--without-snapshot", "Domains without snapshots."),
    WITH_MANAGED_SAVE("--with-managed-save", "Domains whose state is kept: none."),
    WITHOUT_MANAGED_SAVE("--without-managed-save", "Domains whose state is not kept: all."),
    WITH_CHECKPOINT("--with-checkpoint", "Domains with checkpoints: none."),
    WITHOUT_CHECKPOINT("--without-checkpoint", "Domains without checkpoints: all."),
    MANAGED_SAVE("--managed-save", "Accepted as virsh does: no state is kept."),
    UUID("--uuid", "Print UUIDs only."),
    NAME("--name", "Print names only."),
    ID("--id", "Print ids only."),
    TABLE("--table", "Print a table: the default."),
    TITLE("--title", "Show titles in the table.");

    private final String option;
    private final String description;

    Flag(String option, String description) {
      this.option = option;
      this.description = description;
    }
  }

  private final Set<Flag> flags = EnumSet.noneOf(Flag.class);

  ListCommand(Session session) {
    super(session);
  }

  /** What this command understands. */
  CommandSpec spec() {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(this, CommandTable.FACTORY).name("list");
    spec.usageMessage().description("List domains; without options those that are active.");
    for (Flag flag : Flag.values()) {
      spec.addOption(
          OptionSetter.flag(given -> set(flag, given), flag.option)
              .description(flag.description)
              .build());
    }
    return spec;
  }

  private void set(Flag flag, boolean given) {
    if (given) {
      flags.add(flag);
    } else {
      flags.remove(flag);
    }
  }

  private boolean given(Flag flag) {
    return flags.contains(flag);
  }

  private boolean only(Flag flag, Flag opposite) {
    return given(flag) && !given(opposite);
  }

  @Override
  void run() {
    List<Domain> domains =
        new ArrayList<>(filters() ? drover().domains().list(filter()) : drover().domains().list());
    boolean none =
        only(Flag.WITH_MANAGED_SAVE, Flag.WITHOUT_MANAGED_SAVE)
            || only(Flag.WITH_CHECKPOINT, Flag.WITHOUT_CHECKPOINT);
    domains.removeIf(domain -> none || !chosen(domain.getStatus().getState()));
    domains.sort(ListCommand::compare);
    if (!output().forPeople()) {
      output().messages(domains);
    } else if (!given(Flag.TABLE) && (given(Flag.UUID) || given(Flag.NAME) || given(Flag.ID))) {
      domains.forEach(domain -> output().line(words(domain)));
    } else {
      output().table(table(domains));
    }
  }

  /** Active ones by id, then the others by name. */
  private static int compare(Domain one, Domain other) {
    // An id of 0 is none, and one less than that the greatest number without a sign.
    int order = Integer.compareUnsigned(one.getStatus().getId() - 1, other.getStatus().getId() - 1);
    return order == 0 ? name(one).compareTo(name(other)) : order;
  }

  @Override
  String failure() {
    return "Failed to list domains";
  }

  /**
   * False for the filter that everything passes, which takes longer to build than to do without.
   */
  private boolean filters() {
    return byState()
        || given(Flag.PERSISTENT) != given(Flag.TRANSIENT)
        || given(Flag.AUTOSTART) != given(Flag.NO_AUTOSTART)
        || given(Flag.WITH_SNAPSHOT) != given(Flag.WITHOUT_SNAPSHOT);
  }

  private boolean byState() {
    return given(Flag.STATE_RUNNING)
        || given(Flag.STATE_PAUSED)
        || given(Flag.STATE_SHUTOFF)
        || given(Flag.STATE_OTHER);
  }

  private DomainFilter filter() {
    DomainFilter.Builder filter = DomainFilter.newBuilder().addAllStates(states());
    if (given(Flag.PERSISTENT) != given(Flag.TRANSIENT)) {
      filter.setPersistent(given(Flag.PERSISTENT));
    }
    if (given(Flag.AUTOSTART) != given(Flag.NO_AUTOSTART)) {
      filter.setAutostart(given(Flag.AUTOSTART));
    }
    if (given(Flag.WITH_SNAPSHOT) != given(Flag.WITHOUT_SNAPSHOT)) {
      filter.setHasSnapshots(given(Flag.WITH_SNAPSHOT));
    }
    return filter.build();
  }

  private Set<DomainState> states() {
    Set<DomainState> states = EnumSet.noneOf(DomainState.class);
    if (given(Flag.STATE_RUNNING)) {
      states.add(DomainState.DOMAIN_STATE_RUNNING);
    }
    if (given(Flag.STATE_PAUSED)) {
      states.add(DomainState.DOMAIN_STATE_PAUSED);
    }
    if (given(Flag.STATE_SHUTOFF)) {
      states.add(DomainState.DOMAIN_STATE_SHUT_OFF);
    }
    if (given(Flag.STATE_OTHER)) {
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
    return given(Flag.ALL)
        || (byState() && !given(Flag.INACTIVE))
        || Texts.active(state) != given(Flag.INACTIVE);
  }

  private String words(Domain domain) {
    List<String> words = new ArrayList<>();
    if (given(Flag.UUID)) {
      words.add(domain.getSpec().getUuid());
    }
    if (given(Flag.NAME)) {
      words.add(name(domain));
    }
    if (given(Flag.ID)) {
      words.add(Texts.id(domain));
    }
    return String.join(" ", words);
  }

  private Table table(List<Domain> domains) {
    List<String> header = new ArrayList<>(List.of("Id", "Name", "State"));
    if (given(Flag.TITLE)) {
      header.add("Title");
    }
    if (given(Flag.UUID)) {
      header.add("UUID");
    }
    List<List<String>> rows = new ArrayList<>();
    for (Domain domain : domains) {
      List<String> row =
          new ArrayList<>(List.of(Texts.id(domain), name(domain), Texts.state(domain.getStatus())));
      if (given(Flag.TITLE)) {
        row.add(domain.getSpec().getTitle());
      }
      if (given(Flag.UUID)) {
        row.add(domain.getSpec().getUuid());
      }
      rows.add(row);
    }
    return new Table(header, rows);
  }
}
