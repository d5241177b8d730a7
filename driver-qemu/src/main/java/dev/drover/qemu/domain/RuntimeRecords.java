package dev.drover.qemu.domain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.DiskGraphJson;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The runtime records in the store, by uuid. They are JSON with the API's messages inside as
 * base64, so that a field added later needs no migration.
 */
public final class RuntimeRecords {

  private static final String COLLECTION = "qemu-runtime";

  private final Store store;
  private final ObjectMapper json = new ObjectMapper();

  /** The records of this store. */
  public RuntimeRecords(Store store) {
    this.store = store;
  }

  /** Every record. */
  public List<RuntimeRecord> list() {
    return store.list(COLLECTION).stream()
        .map(stored -> decode(stored.key(), stored.content()))
        .toList();
  }

  /** Writes a record in a transaction of its own. */
  public void put(RuntimeRecord record) {
    store.transact(transaction -> put(transaction, record));
  }

  /** Writes a record together with other changes. */
  public void put(StoreTransaction transaction, RuntimeRecord record) {
    transaction.put(COLLECTION, record.uuid(), encode(record));
  }

  /** Removes the record of a process that has ended. */
  public void delete(String uuid) {
    store.transact(transaction -> transaction.delete(COLLECTION, uuid));
  }

  private ByteString encode(RuntimeRecord record) {
    ObjectNode node = json.createObjectNode();
    node.put("phase", record.phase().name());
    node.put("domain", record.domain().toByteArray());
    node.put("runDirectory", record.runDirectory().toString());
    node.put("pid", record.pid());
    node.put("startTicks", record.startTicks());
    node.put("bootId", record.bootId());
    node.put("lastNode", record.lastNode());
    ObjectNode guest = node.putObject("guest");
    ArrayNode holders = guest.putArray("holders");
    record.guest().holders().forEach(holders::add);
    guest.put("runsAfter", record.guest().runsAfter());
    ArrayNode freezers = guest.putArray("freezers");
    record.guest().freezers().forEach(freezers::add);
    guest.put("frozen", record.guest().frozen());
    ArrayNode disks = node.putArray("disks");
    for (DiskGraph disk : record.disks()) {
      DiskGraphJson.write(disk, disks.addObject());
    }
    try {
      return ByteString.copyFrom(json.writeValueAsBytes(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of text and numbers can always be written", e);
    }
  }

  private RuntimeRecord decode(String uuid, ByteString content) {
    try {
      JsonNode node = json.readTree(content.toByteArray());
      List<DiskGraph> disks = new ArrayList<>();
      for (JsonNode entry : node.required("disks")) {
        disks.add(DiskGraphJson.read(entry));
      }
      return new RuntimeRecord(
          RuntimeRecord.Phase.valueOf(node.required("phase").textValue()),
          Domain.parseFrom(node.required("domain").binaryValue()),
          Path.of(node.required("runDirectory").textValue()),
          node.required("pid").longValue(),
          node.required("startTicks").longValue(),
          node.required("bootId").textValue(),
          node.required("lastNode").intValue(),
          disks,
          guest(node.path("guest")));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException("the runtime record of domain " + uuid + " is unreadable", e);
    }
  }

  /** Records of earlier versions say nothing about the guest. */
  private static GuestInterventions guest(JsonNode node) {
    return new GuestInterventions(
        texts(node.path("holders")),
        node.path("runsAfter").booleanValue(),
        texts(node.path("freezers")),
        node.path("frozen").booleanValue());
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new HashSet<>();
    array.forEach(text -> texts.add(text.textValue()));
    return texts;
  }
}
