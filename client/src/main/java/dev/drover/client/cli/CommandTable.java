package dev.drover.client.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * Every command by its name. Reading the annotations of a command takes time, so that a run which
 * names a command loads that one only.
 */
final class CommandTable {
  /** Picocli's own, whose making looks for libraries that are not here, is for what needs it. */
  static final CommandLine.IFactory FACTORY =
      new CommandLine.IFactory() {
        @Override
        public <K> K create(Class<K> type) throws Exception {
          return CommandLine.defaultFactory().create(type);
        }
      };

  private CommandTable() {}

  /**
   * The command line for these arguments: the commands they name, or all where they name none or
   * ask for help.
   */
  static CommandLine commandLine(GlobalOptions options, Session session, List<String> arguments) {
    Map<String, Function<Session, CommandLine>> all = all();
    List<String> named = all.keySet().stream().filter(arguments::contains).toList();
    boolean everything = named.isEmpty();
    CommandLine root = new CommandLine(options.spec(), FACTORY);
    all.forEach(
        (name, command) -> {
          if (everything || named.contains(name)) {
            root.addSubcommand(name, command.apply(session));
          }
        });
    return root.setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static Map<String, Function<Session, CommandLine>> all() {
    Map<String, Function<Session, CommandLine>> commands = new LinkedHashMap<>();
    commands.put("list", session -> new CommandLine(new ListCommand(session).spec(), FACTORY));
    add(commands, "define", DefinitionCommands.Define::new);
    add(commands, "create", DefinitionCommands.Create::new);
    add(commands, "edit", EditCommand::new);
    add(commands, "desc", DescribeCommand::new);
    add(commands, "setvcpus", ResizeCommands.SetVcpus::new);
    add(commands, "setmem", ResizeCommands.SetMemory::new);
    add(commands, "setmaxmem", ResizeCommands.SetMaximumMemory::new);
    add(commands, "undefine", DefinitionCommands.Undefine::new);
    add(commands, "dumpxml", DumpXmlCommand::new);
    add(commands, "start", LifecycleCommands.Start::new);
    add(commands, "shutdown", LifecycleCommands.Shutdown::new);
    add(commands, "reboot", LifecycleCommands.Reboot::new);
    add(commands, "reset", LifecycleCommands.Reset::new);
    add(commands, "destroy", LifecycleCommands.Destroy::new);
    add(commands, "suspend", LifecycleCommands.Suspend::new);
    add(commands, "resume", LifecycleCommands.Resume::new);
    add(commands, "autostart", LifecycleCommands.Autostart::new);
    add(commands, "dominfo", DomainInfoCommands.DomainInfo::new);
    add(commands, "domstate", DomainInfoCommands.State::new);
    add(commands, "domid", DomainInfoCommands.Id::new);
    add(commands, "domname", DomainInfoCommands.Name::new);
    add(commands, "domuuid", DomainInfoCommands.Uuid::new);
    add(commands, "domcontrol", DomainDetailCommands.Control::new);
    add(commands, "domstats", DomainStatsCommand::new);
    add(commands, "dommemstat", DomainDetailCommands.MemoryStat::new);
    add(commands, "vcpucount", DomainDetailCommands.VcpuCount::new);
    add(commands, "domblklist", DomainInfoCommands.Disks::new);
    add(commands, "domblkinfo", DomainDetailCommands.BlockInfo::new);
    add(commands, "domiflist", DomainDetailCommands.Interfaces::new);
    commands.put(
        "domain",
        session ->
            new CommandLine(new DomainCommands.Group())
                .addSubcommand(new DomainCommands.Show(session))
                .addSubcommand(new ChainCommand(session))
                .addSubcommand(new DomainCommands.Template(session)));
    add(commands, "blockcommit", BlockCommitCommand::new);
    add(commands, "blockpull", BlockPullCommand::new);
    add(commands, "blockcopy", BlockCopyCommand::new);
    add(commands, "blockjob", BlockJobCommand::new);
    commands.put(
        "job",
        session ->
            new CommandLine(new JobCommands.Group())
                .addSubcommand(new JobCommands.Listing(session))
                .addSubcommand(new JobCommands.Show(session))
                .addSubcommand(new JobCommands.Wait(session))
                .addSubcommand(new JobCommands.Resume(session))
                .addSubcommand(new JobCommands.Cancel(session))
                .addSubcommand(new JobCommands.Complete(session)));
    add(commands, "snapshot-create", SnapshotCreateCommands.FromXml::new);
    add(commands, "snapshot-create-as", SnapshotCreateCommands.As::new);
    add(commands, "snapshot-list", SnapshotListCommand::new);
    add(commands, "snapshot-info", SnapshotCommands.SnapshotInfo::new);
    add(commands, "snapshot-parent", SnapshotCommands.Parent::new);
    add(commands, "snapshot-current", SnapshotCommands.Current::new);
    add(commands, "snapshot-dumpxml", SnapshotCommands.DumpXml::new);
    add(commands, "snapshot-edit", SnapshotEditCommand::new);
    add(commands, "snapshot-revert", SnapshotCommands.Revert::new);
    add(commands, "snapshot-delete", SnapshotDeleteCommand::new);
    add(commands, "event", EventCommand::new);
    add(commands, "top", TopCommand::new);
    commands.put(
        "debug",
        session ->
            new CommandLine(new DebugCommands.Group())
                .addSubcommand(new DebugCommands.Stuck(session)));
    add(commands, "version", HostCommands.Version::new);
    add(commands, "nodeinfo", HostCommands.Node::new);
    add(commands, "freecell", HostCommands.FreeCell::new);
    add(commands, "nodememstats", HostCommands.MemoryStats::new);
    add(commands, "hostname", HostCommands.Hostname::new);
    add(commands, "uri", HostCommands.Uri::new);
    add(commands, "capabilities", HostCommands.Capabilities::new);
    add(commands, "conformance", ConformanceHint::new);
    commands.put(
        "policy",
        session ->
            new CommandLine(new PolicyCommands.Group())
                .addSubcommand(new PolicyCommands.Check(session))
                .addSubcommand(new PolicyCommands.Explain(session)));
    commands.put(
        "pki",
        session ->
            new CommandLine(new PkiCommands.Group())
                .addSubcommand(new PkiCommands.Init(session))
                .addSubcommand(new PkiCommands.Issue(session))
                .addSubcommand(new PkiCommands.Listing(session))
                .addSubcommand(new PkiCommands.Revoke(session)));
    add(commands, "bridge", BridgeCommand::new);
    add(commands, "completion", CompletionCommand::new);
    return commands;
  }

  /** Names of all commands, in the order of the usage. */
  static List<String> names() {
    return List.copyOf(all().keySet());
  }

  private static void add(
      Map<String, Function<Session, CommandLine>> commands,
      String name,
      Function<Session, Verb> command) {
    commands.put(name, session -> new CommandLine(command.apply(session), FACTORY));
  }
}
