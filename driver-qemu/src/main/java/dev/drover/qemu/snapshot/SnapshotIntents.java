package dev.drover.qemu.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.drover.qemu.block.PlannedCopy;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.journal.DoomedFile;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.RestoredMoment;
import dev.drover.spi.snapshot.RevertPlan;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.ChainImage;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The intents of snapshots and reverts in the store: at most one for each domain, by its uuid. */
final class SnapshotIntents {

  private static final String COLLECTION = "qemu-snapshot-intents";
  private static final String CREATE = "create";
  private static final String INSIDE = "inside";
  private static final String REVERT = "revert";
  private static final String OVERLAYS = "overlays";

  private final Store store;
  private final ObjectMapper json = new ObjectMapper();

  SnapshotIntents(Store store) {
    this.store = store;
  }

  List<SnapshotIntent> list() {
    return store.list(COLLECTION).stream()
        .map(stored -> decode(stored.key(), stored.content()))
        .toList();
  }

  Optional<SnapshotIntent> find(String uuid) {
    return store.read(COLLECTION, uuid).map(content -> decode(uuid, content));
  }

  void put(SnapshotIntent intent) {
    store.transact(transaction -> put(transaction, intent));
  }

  void put(StoreTransaction transaction, SnapshotIntent intent) {
    transaction.put(COLLECTION, intent.domainUuid(), encode(intent));
  }

  void delete(String uuid) {
    store.transact(transaction -> delete(transaction, uuid));
  }

  void delete(StoreTransaction transaction, String uuid) {
    transaction.delete(COLLECTION, uuid);
  }

  private ByteString encode(SnapshotIntent intent) {
    ObjectNode node = json.createObjectNode();
    switch (intent) {
      case CreateIntent create -> encode(node, create);
      case InsideIntent inside ->
          node.put("kind", INSIDE).put("snapshot", inside.snapshot().toByteArray());
      case RevertIntent revert -> encode(node, revert);
    }
    try {
      return ByteString.copyFrom(json.writeValueAsBytes(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of text and numbers can always be written", e);
    }
  }

  private void encode(ObjectNode node, CreateIntent intent) {
    node.put("kind", CREATE);
    node.put("snapshot", intent.snapshot().toByteArray());
    node.put("keepRecord", intent.keepRecord());
    ArrayNode disks = node.putArray("disks");
    for (MovingDisk disk : intent.disks()) {
      ObjectNode entry = disks.addObject();
      entry.put("target", disk.before().target());
      entry.put("devicePath", disk.before().devicePath());
      entry.put("made", disk.made());
      image(entry.putObject("overlay"), disk.overlay());
      ArrayNode images = entry.putArray("images");
      disk.before().images().forEach(image -> image(images.addObject(), image));
    }
    ArrayNode copies = node.putArray("copies");
    for (PlannedCopy copy : intent.copies()) {
      ObjectNode entry = copies.addObject();
      entry.put("owner", copy.origin().owner());
      entry.put("fingerprint", copy.origin().fingerprint().toByteArray());
      entry.put("traceparent", copy.origin().traceparent());
      entry.put("job", copy.job().toByteArray());
      entry.set("entry", json.valueToTree(copy.entry()));
    }
    overlays(node, intent.overlays());
  }

  private void overlays(ObjectNode node, MadeOverlays made) {
    made.files().ifPresent(files -> node.set(OVERLAYS, json.valueToTree(files)));
  }

  private void encode(ObjectNode node, RevertIntent intent) {
    node.put("kind", REVERT);
    node.put("job", intent.jobId());
    node.put("snapshot", intent.snapshot());
    node.put("target", intent.target().name());
    node.put("phase", intent.phase().name());
    intent
        .moment()
        .ifPresent(
            moment -> {
              node.put("memory", moment.memory().toByteArray());
              node.put("spec", moment.spec().toByteArray());
            });
    ArrayNode disks = node.putArray("disks");
    for (RevertIntent.RevertedDisk disk : intent.disks()) {
      ObjectNode entry = disks.addObject();
      entry.put("target", disk.target());
      entry.put("frozen", disk.frozen().toByteArray());
      entry.put("overlay", disk.overlay().toByteArray());
    }
    if (!intent.inside().isEmpty()) {
      ArrayNode inside = node.putArray("inside");
      intent
          .inside()
          .forEach(
              disk ->
                  inside
                      .addObject()
                      .put("target", disk.target())
                      .put("image", disk.image().toByteArray()));
    }
    overlays(node, intent.overlays());
  }

  private static void image(ObjectNode node, ImageNode image) {
    node.put("image", image.image().toByteArray());
    node.put("formatNode", image.formatNode());
    node.put("fileNode", image.fileNode());
  }

  private SnapshotIntent decode(String uuid, ByteString content) {
    try {
      JsonNode node = json.readTree(content.toByteArray());
      String kind = node.required("kind").textValue();
      return switch (kind) {
        case CREATE -> create(node);
        case INSIDE ->
            new InsideIntent(Snapshot.parseFrom(node.required("snapshot").binaryValue()));
        case REVERT -> revert(uuid, node);
        default -> throw new IOException("kind " + kind + " is not known");
      };
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "the snapshot intent of domain " + uuid + " is unreadable", e);
    }
  }

  private CreateIntent create(JsonNode node) throws IOException {
    List<MovingDisk> disks = new ArrayList<>();
    for (JsonNode entry : node.required("disks")) {
      List<ImageNode> images = new ArrayList<>();
      for (JsonNode image : entry.required("images")) {
        images.add(image(image));
      }
      disks.add(
          new MovingDisk(
              new DiskGraph(
                  entry.required("target").textValue(),
                  entry.required("devicePath").textValue(),
                  images),
              image(entry.required("overlay")),
              entry.required("made").booleanValue(),
              Optional.empty()));
    }
    return new CreateIntent(
        Snapshot.parseFrom(node.required("snapshot").binaryValue()),
        node.required("keepRecord").booleanValue(),
        disks,
        copies(node),
        overlays(node));
  }

  private MadeOverlays overlays(JsonNode node) throws IOException {
    return node.has(OVERLAYS)
        ? new MadeOverlays(
            Optional.of(List.of(json.treeToValue(node.get(OVERLAYS), DoomedFile[].class))))
        : MadeOverlays.NOT_RECORDED;
  }

  /** Records of before there were copies have none. */
  private List<PlannedCopy> copies(JsonNode node) throws IOException {
    List<PlannedCopy> copies = new ArrayList<>();
    for (JsonNode copy : node.path("copies")) {
      JournalEntry entry = json.treeToValue(copy.required("entry"), JournalEntry.class);
      copies.add(
          new PlannedCopy(
              new JobOrigin(
                  copy.required("owner").textValue(),
                  entry.jobId(),
                  "",
                  ByteString.copyFrom(copy.required("fingerprint").binaryValue()),
                  "",
                  copy.path("traceparent").asText(),
                  false),
              Job.parseFrom(copy.required("job").binaryValue()),
              entry));
    }
    return copies;
  }

  private RevertIntent revert(String uuid, JsonNode node) throws IOException {
    List<RevertIntent.RevertedDisk> disks = new ArrayList<>();
    for (JsonNode entry : node.required("disks")) {
      disks.add(
          new RevertIntent.RevertedDisk(
              entry.required("target").textValue(),
              ChainImage.parseFrom(entry.required("frozen").binaryValue()),
              ChainImage.parseFrom(entry.required("overlay").binaryValue())));
    }
    List<RevertPlan.Inside> inside = new ArrayList<>();
    for (JsonNode entry : node.path("inside")) {
      inside.add(
          new RevertPlan.Inside(
              entry.required("target").textValue(),
              Image.parseFrom(entry.required("image").binaryValue())));
    }
    return new RevertIntent(
        node.required("job").textValue(),
        uuid,
        node.required("snapshot").textValue(),
        RevertState.valueOf(node.required("target").textValue()),
        disks,
        inside,
        moment(node),
        RevertIntent.Phase.valueOf(node.required("phase").textValue()),
        overlays(node));
  }

  private static Optional<RestoredMoment> moment(JsonNode node) throws IOException {
    return node.has("memory")
        ? Optional.of(
            new RestoredMoment(
                SnapshotMemory.parseFrom(node.required("memory").binaryValue()),
                DomainSpec.parseFrom(node.required("spec").binaryValue())))
        : Optional.empty();
  }

  private static ImageNode image(JsonNode node) throws IOException {
    return new ImageNode(
        ChainImage.parseFrom(node.required("image").binaryValue()),
        node.required("formatNode").textValue(),
        node.required("fileNode").textValue());
  }
}
