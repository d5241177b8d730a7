package dev.drover.client.cli;

import dev.drover.client.DomainHandle;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.Quiesce;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that make snapshots. */
final class SnapshotCreateCommands {
  private SnapshotCreateCommands() {}

  /** One copy that has begun, or would begin. */
  private static String told(Job job) {
    String copy =
        "Copy of disk %s to '%s'"
            .formatted(job.getDisk(), job.getRequest().getDestination().getPath());
    return job.getId().isEmpty() ? copy : copy + " started as job " + job.getId();
  }

  /** What both commands can be told. */
  static final class CreationOptions {
    @Option(names = "--disk-only", description = "Take the disks only, without memory.")
    private boolean diskOnly;

    @Option(names = "--atomic", description = "All disks at one moment or none: always so.")
    private boolean atomic;

    @Option(names = "--reuse-external", description = "Use overlays that exist.")
    private boolean reuseExternal;

    @Option(names = "--no-metadata", description = "Keep no record of the snapshot.")
    private boolean noMetadata;

    @Option(
        names = "--quiesce",
        description = "Freeze the guest's file systems meanwhile, by its agent.")
    private boolean quiesce;

    @Option(
        names = "--live",
        description = "Let the guest run on while its memory is written, and hold it for the end.")
    private boolean live;

    @Option(
        names = "--halt",
        description = "End the domain once the snapshot is made, as destroy does.")
    private boolean halt;

    @Option(names = "--validate", description = "Refuse what is not known: always so.")
    @SuppressWarnings("unused") // Accepted as virsh does.
    private boolean validate;

    @Option(
        names = "--plan",
        description = "Check everything and change nothing; show the snapshot as XML.")
    private boolean plan;

    /**
     * Chooses as virsh does: a snapshot of which nothing else is said is internal, with the memory
     * of a guest that there is.
     *
     * @param withoutMemory whether memory is said to be left out otherwise than by --disk-only
     */
    private void choose(
        DomainHandle domain, CreateSnapshotRequest.Builder request, boolean withoutMemory) {
      boolean memory = request.hasMemory();
      if (diskOnly && memory) {
        throw new CommandFailure("--disk-only leaves memory out; give no file for it");
      }
      boolean saidInternal =
          (memory && request.getMemory().getPath().isEmpty())
              || request.getDisksList().stream()
                  .anyMatch(disk -> disk.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL);
      boolean saidExternal =
          reuseExternal
              || noMetadata
              || request.getCopiesCount() > 0
              || request.getDisksList().stream()
                  .anyMatch(
                      disk ->
                          disk.hasOverlay()
                              || disk.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL);
      boolean memorySaid = diskOnly || memory || withoutMemory;
      if (saidInternal || (!saidExternal && !memorySaid)) {
        request.setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
        if (!memorySaid && domain.get().getStatus().getId() != 0) {
          request.setMemory(SnapshotMemory.getDefaultInstance());
        }
      } else if (!memorySaid) {
        throw new CommandFailure(
            "Say whether memory is taken: --disk-only leaves it out, and --memspec names a file"
                + " for it");
      }
      if (live && request.getMemory().getPath().isEmpty()) {
        throw new CommandFailure(
            "--live is for external snapshots with memory: name a file for it with --memspec, or"
                + " with <memory> in the XML");
      }
    }

    private void describe(CreateSnapshotRequest.Builder request) {
      if (quiesce) {
        request.setQuiesce(Quiesce.getDefaultInstance());
      }
      if (live) {
        request.setLiveMemory(LiveMemory.getDefaultInstance());
      }
      request
          .setAtomic(atomic)
          .setReuseExternal(reuseExternal)
          .setNoMetadata(noMetadata)
          .setValidateOnly(plan);
    }

    /** Makes the snapshot, and ends the domain where that was asked for. */
    private CreateSnapshotResponse make(
        DomainHandle domain, CreateSnapshotRequest.Builder request) {
      describe(request);
      if (halt && request.getCopiesCount() > 0) {
        throw new CommandFailure("--halt would end the copies, too: leave out one or the other");
      }
      if (!halt || plan) {
        return domain.snapshotWithCopies(request);
      }
      DomainStatus before = domain.get().getStatus();
      boolean active = before.getId() != 0;
      if (active && !before.getPersistent()) {
        throw new CommandFailure(
            "--halt would end a transient domain for good: use destroy where that is wanted");
      }
      CreateSnapshotResponse made = domain.snapshotWithCopies(request);
      if (active) {
        var _ = domain.destroy();
      }
      return made;
    }

    /** Refuses what means nothing where a record is entered and no disk changes. */
    private void refuseForRecords() {
      Verb.exclusive("--redefine", true, "--no-metadata", noMetadata);
      Verb.exclusive("--redefine", true, "--halt", halt);
      Verb.exclusive("--redefine", true, "--quiesce", quiesce);
      Verb.exclusive("--redefine", true, "--live", live);
      Verb.exclusive("--redefine", true, "--reuse-external", reuseExternal);
    }

    /** Tells the jobs of copies with the snapshot; without copies, the snapshot alone. */
    private void report(Output output, CreateSnapshotResponse made, String created) {
      if (made.getCopyJobsCount() == 0) {
        report(output, made.getSnapshot(), created);
        return;
      }
      String copies =
          made.getCopyJobsList().stream()
              .map(SnapshotCreateCommands::told)
              .collect(Collectors.joining("\n"));
      if (plan && output.forPeople()) {
        output.line(SnapshotXml.write(made.getSnapshot()));
        output.line(copies);
      } else {
        output.done(created + "\n" + copies, made);
      }
    }

    private void report(Output output, Snapshot snapshot, String created) {
      if (plan && output.forPeople()) {
        output.line(SnapshotXml.write(snapshot));
      } else {
        output.done(created, snapshot);
      }
    }
  }

  @Command(
      name = "snapshot-create-as",
      description =
          "Make a snapshot of a domain. By default it is internal: the images keep the disks and"
              + " the memory of a guest inside themselves, and must be qcow2. With --disk-only or"
              + " --memspec PATH it is external: each disk goes on in a new overlay.")
  static final class As extends DomainVerb {
    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "NAME",
        description = "Name. Default: the seconds since 1970.")
    private Optional<String> name = Optional.empty();

    @Parameters(
        index = "2",
        arity = "0..1",
        paramLabel = "DESCRIPTION",
        description = "Text for people.")
    private Optional<String> description = Optional.empty();

    @Option(
        names = "--diskspec",
        paramLabel = "DISK[,snapshot=external|internal|no][,driver=qcow2][,file=PATH][,copy=PATH]",
        description =
            "Treat a disk otherwise than by default; may be repeated. copy=PATH has a copy of the"
                + " disk begin at the moment of the snapshot, with copy-format=FORMAT,"
                + " copy-shallow=yes, copy-reuse=yes and copy-then=pivot|finish as blockcopy has"
                + " them.")
    private List<String> diskSpecs = new ArrayList<>();

    @Option(
        names = "--memspec",
        paramLabel = "[file=]PATH[,snapshot=external|internal|no]",
        description =
            "Take the memory too, into this file or an image; the guest waits for it, unless --live"
                + " is given.")
    private Optional<String> memorySpec = Optional.empty();

    @Option(
        names = "--print-xml",
        description = "Print the XML for snapshot-create, and ask the daemon nothing.")
    private boolean printXml;

    @Mixin private final CreationOptions options = new CreationOptions();

    As(Session session) {
      super(session);
    }

    @Override
    void run() {
      Optional<SnapshotMemory> memory = memorySpec.flatMap(MemorySpec::parse);
      CreateSnapshotRequest.Builder request =
          CreateSnapshotRequest.newBuilder()
              .setName(name.orElse(""))
              .setDescription(description.orElse(""))
              .addAllDisks(diskSpecs.stream().map(DiskSpecs::parse).toList())
              .addAllCopies(
                  diskSpecs.stream().flatMap(spec -> CopySpecs.parse(spec).stream()).toList());
      memory.ifPresent(request::setMemory);
      if (printXml) {
        output().line(SnapshotXml.write(request.build()));
        return;
      }
      options.choose(domain(), request, memorySpec.isPresent() && memory.isEmpty());
      CreateSnapshotResponse made = options.make(domain(), request);
      options.report(
          output(), made, "Domain snapshot %s created".formatted(made.getSnapshot().getName()));
    }

    @Override
    String failure() {
      return "Failed to create a snapshot of domain '%s'".formatted(words());
    }
  }

  @Command(
      name = "snapshot-create",
      description =
          "Make a snapshot of a domain as libvirt's <domainsnapshot> says: name, description,"
              + " memory, and per disk whether it takes part, internally or in which overlay, and"
              + " with <mirror file='PATH' format='FORMAT'/> a copy that begins with it.")
  static final class FromXml extends DomainVerb {
    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "XMLFILE",
        description = "The file; - is standard input. Default: all disks, named by the time.")
    private Optional<String> file = Optional.empty();

    @Option(
        names = "--redefine",
        description =
            "Enter the record of a snapshot whose images exist, from XML, JSON or YAML as"
                + " snapshot-dumpxml prints it; no disk changes.")
    private boolean redefine;

    @Option(names = "--current", description = "With --redefine: make it the current snapshot.")
    private boolean current;

    @Mixin private final CreationOptions options = new CreationOptions();

    FromXml(Session session) {
      super(session);
    }

    @Override
    void run() {
      if (current && !redefine) {
        throw new CommandFailure("--current requires --redefine");
      }
      if (redefine) {
        enter();
        return;
      }
      SnapshotDocument document =
          file.map(
                  path ->
                      SnapshotDocument.parse(
                          path, InputFile.bytes(path, session().surroundings().in())))
              .orElseGet(SnapshotDocument::empty);
      CreateSnapshotRequest.Builder request = document.request().toBuilder();
      options.choose(domain(), request, document.withoutMemory());
      CreateSnapshotResponse made = options.make(domain(), request);
      document
          .informational()
          .forEach(
              name ->
                  session()
                      .surroundings()
                      .err()
                      .println(
                          "warning: <%s> is the daemon's to say and did not count"
                              .formatted(name)));
      String created = "Domain snapshot %s created".formatted(made.getSnapshot().getName());
      options.report(
          output(),
          made,
          file.map(path -> "%s from '%s'".formatted(created, path)).orElse(created));
    }

    private void enter() {
      options.refuseForRecords();
      String path =
          file.orElseThrow(
              () -> new CommandFailure("--redefine requires a file with the snapshot's record"));
      Snapshot.Builder record =
          SnapshotRecordFile.read(path, session().surroundings().in()).setCurrent(current);
      Snapshot snapshot =
          domain()
              .importSnapshot(
                  ImportSnapshotRequest.newBuilder()
                      .setSnapshot(record)
                      .setValidateOnly(options.plan));
      options.report(
          output(),
          snapshot,
          "Domain snapshot %s created from '%s'".formatted(snapshot.getName(), path));
    }

    @Override
    String failure() {
      return "Failed to create a snapshot of domain '%s'".formatted(words());
    }
  }
}
