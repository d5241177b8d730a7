package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Questions that change nothing.
 *
 * @param <R> what QEMU answers on success
 */
public sealed interface QueryCommand<R> extends QmpCommand<R> {

  @Override
  default ObjectNode arguments() {
    return Arguments.none();
  }

  @Override
  default CommandDeadline deadline() {
    return CommandDeadline.QUERY;
  }

  /** {@code query-status}: whether the machine runs. */
  record QueryStatus() implements QueryCommand<RunStatus> {
    @Override
    public String name() {
      return "query-status";
    }

    @Override
    public RunStatus decode(JsonNode result) {
      return RunStatus.decode(result);
    }
  }

  /** {@code query-migrate}: where reading or writing the guest's memory stands. */
  record QueryMigrate() implements QueryCommand<MigrationInfo> {
    @Override
    public String name() {
      return "query-migrate";
    }

    @Override
    public MigrationInfo decode(JsonNode result) {
      return MigrationInfo.decode(result);
    }
  }

  /** {@code qom-get} of the machine's type, as it was resolved from an alias. */
  record QueryMachine() implements QueryCommand<String> {
    private static final String SUFFIX = "-machine";

    @Override
    public String name() {
      return "qom-get";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("path", "/machine").put("property", "type").build();
    }

    @Override
    public String decode(JsonNode result) {
      String type = result.asText();
      return type.endsWith(SUFFIX) ? type.substring(0, type.length() - SUFFIX.length()) : type;
    }
  }

  /** {@code query-uuid}: the machine's UUID. */
  record QueryUuid() implements QueryCommand<UUID> {
    @Override
    public String name() {
      return "query-uuid";
    }

    @Override
    public UUID decode(JsonNode result) {
      return Fields.uuid(result, "UUID");
    }
  }

  /** {@code query-name}: the name given at start. */
  record QueryName() implements QueryCommand<Optional<String>> {
    @Override
    public String name() {
      return "query-name";
    }

    @Override
    public Optional<String> decode(JsonNode result) {
      return Fields.optionalText(result, "name");
    }
  }

  /** {@code query-version}: the binary's version. */
  record QueryVersion() implements QueryCommand<QemuVersion> {
    @Override
    public String name() {
      return "query-version";
    }

    @Override
    public QemuVersion decode(JsonNode result) {
      return QemuVersion.decode(result);
    }
  }

  /** {@code query-qmp-schema}: what this binary understands. */
  record QueryQmpSchema() implements QueryCommand<JsonNode> {
    @Override
    public String name() {
      return "query-qmp-schema";
    }

    @Override
    public JsonNode decode(JsonNode result) {
      return result;
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.SCHEMA;
    }
  }

  /** {@code query-jobs}: all jobs, concluded ones included. */
  record QueryJobs() implements QueryCommand<List<JobInfo>> {
    @Override
    public String name() {
      return "query-jobs";
    }

    @Override
    public List<JobInfo> decode(JsonNode result) {
      return Fields.list(result, JobInfo::decode);
    }
  }

  /** {@code query-block-jobs}: block jobs with speed and I/O status. */
  record QueryBlockJobs() implements QueryCommand<List<BlockJobInfo>> {
    @Override
    public String name() {
      return "query-block-jobs";
    }

    @Override
    public List<BlockJobInfo> decode(JsonNode result) {
      return Fields.list(result, BlockJobInfo::decode);
    }
  }

  /** {@code query-block}: guest disks and the chains they read. */
  record QueryBlock() implements QueryCommand<List<BlockDeviceInfo>> {
    @Override
    public String name() {
      return "query-block";
    }

    @Override
    public List<BlockDeviceInfo> decode(JsonNode result) {
      return Fields.list(result, BlockDeviceInfo::decode);
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.STORAGE_QUERY;
    }
  }

  /** {@code query-cpus-fast}: virtual CPUs and their threads. */
  record QueryCpusFast() implements QueryCommand<List<CpuInfo>> {
    @Override
    public String name() {
      return "query-cpus-fast";
    }

    @Override
    public List<CpuInfo> decode(JsonNode result) {
      return Fields.list(result, CpuInfo::decode);
    }
  }

  /**
   * {@code query-balloon}: the guest's memory in bytes; {@code DeviceNotActive} without a balloon.
   */
  record QueryBalloon() implements QueryCommand<Long> {
    @Override
    public String name() {
      return "query-balloon";
    }

    @Override
    public Long decode(JsonNode result) {
      return Fields.number(result, "actual");
    }
  }

  /** {@code query-kvm}: whether KVM is in use. */
  record QueryKvm() implements QueryCommand<KvmInfo> {
    @Override
    public String name() {
      return "query-kvm";
    }

    @Override
    public KvmInfo decode(JsonNode result) {
      return KvmInfo.decode(result);
    }
  }

  /** {@code query-machines}: machine types of the binary. */
  record QueryMachines() implements QueryCommand<List<MachineType>> {
    @Override
    public String name() {
      return "query-machines";
    }

    @Override
    public List<MachineType> decode(JsonNode result) {
      return Fields.list(result, MachineType::decode);
    }
  }

  /** {@code query-cpu-definitions}: CPU models of the binary. */
  record QueryCpuDefinitions() implements QueryCommand<List<CpuModel>> {
    @Override
    public String name() {
      return "query-cpu-definitions";
    }

    @Override
    public List<CpuModel> decode(JsonNode result) {
      return Fields.list(result, CpuModel::decode);
    }
  }

  /** {@code query-chardev}: the character devices, and whether the guest has opened them. */
  record QueryCharacterDevices() implements QueryCommand<List<CharacterDeviceInfo>> {
    @Override
    public String name() {
      return "query-chardev";
    }

    @Override
    public List<CharacterDeviceInfo> decode(JsonNode result) {
      return Fields.list(result, CharacterDeviceInfo::decode);
    }
  }

  /** {@code x-debug-query-block-graph}: the whole graph, for diagnostics; safe at any time. */
  record QueryBlockGraph() implements QueryCommand<BlockGraph> {
    @Override
    public String name() {
      return "x-debug-query-block-graph";
    }

    @Override
    public BlockGraph decode(JsonNode result) {
      return BlockGraph.decode(result);
    }
  }

  /**
   * {@code query-named-block-nodes}: every node of the graph. QEMU crashes on it while a stream job
   * is concluded and not dismissed, so {@link QmpConnection} refuses it then, and before the first
   * answer to {@link QueryJobs}.
   *
   * @param flat leave out the chain below each image; use it unless the chain is wanted
   */
  record QueryNamedBlockNodes(boolean flat) implements QueryCommand<List<NamedBlockNode>> {
    @Override
    public String name() {
      return "query-named-block-nodes";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("flat", flat).build();
    }

    @Override
    public List<NamedBlockNode> decode(JsonNode result) {
      return Fields.list(result, NamedBlockNode::decode);
    }

    @Override
    public CommandDeadline deadline() {
      return CommandDeadline.STORAGE_QUERY;
    }
  }

  /**
   * {@code query-blockstats}.
   *
   * @param perNode counters of every named node instead of guest devices
   */
  record QueryBlockStats(boolean perNode) implements QueryCommand<List<BlockStats>> {
    @Override
    public String name() {
      return "query-blockstats";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("query-nodes", perNode).build();
    }

    @Override
    public List<BlockStats> decode(JsonNode result) {
      return Fields.list(result, BlockStats::decode);
    }
  }
}
