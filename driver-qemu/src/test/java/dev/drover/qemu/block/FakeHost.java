package dev.drover.qemu.block;

import dev.drover.qemu.domain.GuestFreeze;
import dev.drover.qemu.domain.GuestHold;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.image.OpenFiles;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.Acknowledged;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.qemu.qmp.BlockGraph;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.IoStatus;
import dev.drover.qemu.qmp.JobInfo;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.JobType;
import dev.drover.qemu.qmp.QmpAnswer;
import dev.drover.qemu.qmp.QmpCommand;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.qemu.qmp.QmpEvent;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.qemu.qmp.RunCommand;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A process whose job stands where the test says and whose disk reads the node that the test says.
 * It notes the commands it gets, and can refuse some.
 */
final class FakeHost implements BlockHost {

  /** How long every guest was held. */
  static final Duration PAUSE = Duration.ofMillis(7);

  private final List<String> commands = new ArrayList<>();
  private final List<String> questions = new ArrayList<>();
  private final Map<String, String> refusals = new HashMap<>();
  private final Map<String, Runnable> watches = new HashMap<>();
  private final String jobId;
  private DiskGraph graph;
  private String root;
  private List<String> chain;
  private JobStatus status = JobStatus.RUNNING;
  private IoStatus ioStatus = IoStatus.OK;
  private String error = "";
  private final boolean guest;
  private boolean retired;
  private boolean holdOnRecord;
  private int nodes = 100;
  private OptionalLong processId = OptionalLong.empty();

  FakeHost(DiskGraph graph, String jobId, boolean guest) {
    this.jobId = jobId;
    this.graph = graph;
    this.guest = guest;
    this.root = graph.active().formatNode();
    this.chain = graph.images().stream().map(image -> image.formatNode()).toList();
  }

  /** The nodes that the device reads from now on, from the top down. */
  void reads(List<String> nodesDown) {
    root = nodesDown.getFirst();
    chain = nodesDown;
  }

  /** The job in a state, as the next turn sees it. */
  Optional<BlockJobInfo> job(String id, JobStatus now, String error) {
    status = now;
    this.error = error;
    return Optional.of(
        new BlockJobInfo(
            id,
            JobType.COMMIT,
            100,
            100,
            false,
            false,
            0,
            ioStatus,
            now == JobStatus.READY,
            now,
            false,
            false,
            error.isEmpty() ? Optional.empty() : Optional.of(error)));
  }

  /** An I/O error holds the job from now on, whatever its worker has seen of it. */
  void runsIntoError() {
    status = JobStatus.STANDBY;
    ioStatus = IoStatus.FAILED;
  }

  /** An earlier daemon has left a hold of the guest. */
  void leaveHold() {
    holdOnRecord = true;
  }

  /** A process stands for it from now on. */
  void runsAs(long pid) {
    processId = OptionalLong.of(pid);
  }

  /** Lets a command fail. */
  void refuse(String command, String description) {
    refusals.put(command, description);
  }

  /** Runs something when a command comes, before it is answered. */
  void when(String command, Runnable watch) {
    watches.put(command, watch);
  }

  /** Names of the commands that change something, in order. */
  List<String> commands() {
    return commands;
  }

  /** Names of the commands that change nothing, in order. */
  List<String> questions() {
    return questions;
  }

  @Override
  public boolean hasGuest() {
    return guest;
  }

  @Override
  public <R> QmpAnswer<R> send(QmpCommand<R> command) {
    try {
      R answer = carryOut(command);
      return () -> answer;
    } catch (QmpCommandException e) {
      return () -> {
        throw e;
      };
    }
  }

  private <R> R carryOut(QmpCommand<R> command) {
    if (retired) {
      throw new IllegalStateException("the process is gone, and was told " + command.name());
    }
    (command instanceof QueryCommand<?> ? questions : commands).add(command.name());
    Optional.ofNullable(watches.get(command.name())).ifPresent(Runnable::run);
    Optional<String> refusal =
        Optional.ofNullable(refusals.get(command.name())).or(() -> inUse(command));
    if (refusal.isPresent()) {
      throw new QmpCommandException(command.name(), "GenericError", refusal.get());
    }
    return answer(command);
  }

  /** Why QEMU does not let go what is still in use. */
  private Optional<String> inUse(QmpCommand<?> command) {
    return switch (command) {
      case BlockJobCommand.JobDismiss dismiss when status != JobStatus.CONCLUDED ->
          Optional.of("job '%s' cannot be dismissed yet".formatted(dismiss.jobId()));
      case BlockCommand.BlockdevDel deletion when reads(deletion.nodeName()) ->
          Optional.of("node '%s' is in use".formatted(deletion.nodeName()));
      default -> Optional.empty();
    };
  }

  private boolean reads(String node) {
    return graph.images().stream()
        .filter(image -> chain.contains(image.formatNode()))
        .anyMatch(image -> image.formatNode().equals(node) || image.fileNode().equals(node));
  }

  @SuppressWarnings("unchecked")
  private <R> R answer(QmpCommand<R> command) {
    Object answer =
        switch (command) {
          case QueryCommand.QueryBlockGraph _ -> blockGraph();
          case QueryCommand.QueryBlockJobs _ ->
              job("job-" + jobId, status, error).stream().toList();
          case QueryCommand.QueryJobs _ ->
              List.of(
                  new JobInfo("job-" + jobId, JobType.COMMIT, status, 100, 100, Optional.empty()));
          default -> Acknowledged.ACKNOWLEDGED;
        };
    return (R) answer;
  }

  private BlockGraph blockGraph() {
    List<BlockGraph.Vertex> vertices = new ArrayList<>();
    List<BlockGraph.Edge> edges = new ArrayList<>();
    for (int place = 0; place < chain.size(); place++) {
      vertices.add(new BlockGraph.Vertex(place, "block-driver", chain.get(place)));
      if (place > 0) {
        edges.add(new BlockGraph.Edge(place - 1, place, "backing", List.of(), List.of()));
      }
    }
    return new BlockGraph(vertices, edges);
  }

  @Override
  public EventSubscription subscribe(Predicate<QmpEvent> filter, Runnable arrival) {
    throw new UnsupportedOperationException("flows do not subscribe");
  }

  @Override
  public String domainUuid() {
    return BlockBench.UUID;
  }

  @Override
  public String domainName() {
    return "guest";
  }

  @Override
  public GuestHold holdGuest(String owner) {
    execute(new RunCommand.Stop());
    return new FakeHold();
  }

  @Override
  public Optional<GuestHold> takeUpHold(String owner) {
    return holdOnRecord ? Optional.of(holdGuest(owner)) : Optional.empty();
  }

  @Override
  public GuestFreeze freezeGuest(String owner, Duration atMost) {
    commands.add("freeze");
    if (refusals.containsKey("freeze")) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED, refusals.getOrDefault("freeze", ""));
    }
    return new GuestFreeze() {
      @Override
      public boolean frozeAny() {
        return true;
      }

      @Override
      public void close() {
        commands.add("thaw");
      }
    };
  }

  /** Tells when it is released, as a command; the guest ran. */
  private final class FakeHold implements GuestHold {
    private boolean released;

    @Override
    public boolean stopped() {
      return true;
    }

    @Override
    public Optional<Duration> pause() {
      return Optional.of(PAUSE);
    }

    @Override
    public void release() {
      if (!released) {
        released = true;
        execute(new RunCommand.Cont());
      }
    }

    @Override
    public void close() {
      release();
    }
  }

  @Override
  public DiskGraph disk(String target) {
    return graph;
  }

  @Override
  public IoPolicy policy(String target) {
    return IoPolicy.DEFAULT;
  }

  @Override
  public String newNodeName(String target) {
    nodes++;
    return target + "-" + nodes;
  }

  @Override
  public QmpAnswer<Optional<String>> askRootNode(JournalEntry entry) {
    String read = root;
    return () -> Optional.of(read);
  }

  @Override
  public Optional<String> deviceNode(String target) {
    return guest ? Optional.of(root) : Optional.empty();
  }

  @Override
  public OptionalLong processId() {
    return processId;
  }

  @Override
  public Optional<OpenFiles> openFiles() {
    return Optional.empty();
  }

  @Override
  public long sizeBytes(String target) {
    return graph.active().image().getVirtualSizeBytes();
  }

  @Override
  public void change(
      DomainBook domains,
      List<DiskGraph> changed,
      Consumer<Domain.Builder> edit,
      Consumer<StoreTransaction> journal) {
    domains.change(BlockBench.UUID, edit, journal);
    graph = changed.getFirst();
  }

  @Override
  public void recordIntent(StoreTransaction transaction) {}

  @Override
  public void open(Duration left) {}

  /** Only a process without a guest can be ended for its job. */
  @Override
  public void retire(JournalEntry entry) {
    if (!guest && !retired) {
      retired = true;
      commands.add("retire");
    }
  }

  @Override
  public boolean retired() {
    return retired;
  }

  @Override
  public void whenGone(Consumer<HostEnd> told) {}
}
