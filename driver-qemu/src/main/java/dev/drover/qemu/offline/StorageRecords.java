package dev.drover.qemu.offline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.drover.qemu.image.DiskGraphJson;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.process.ProcessIdentity;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreTransaction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The records of storage daemons in the store, by job id, as JSON. */
final class StorageRecords {

  /** Collection of the store that holds them. */
  static final String COLLECTION = "storage-daemon";

  private final Store store;
  private final ObjectMapper json = new ObjectMapper();

  StorageRecords(Store store) {
    this.store = store;
  }

  /** Every record. */
  List<StorageRecord> list() {
    return store.list(COLLECTION).stream()
        .map(stored -> decode(stored.key(), stored.content()))
        .toList();
  }

  /** Writes a record in a transaction of its own. */
  void put(StorageRecord record) {
    store.transact(transaction -> put(transaction, record));
  }

  /** Writes a record together with other changes. */
  void put(StoreTransaction transaction, StorageRecord record) {
    transaction.put(COLLECTION, record.jobId(), encode(record));
  }

  /** Removes the record of a process that has ended. */
  void delete(String jobId) {
    store.transact(transaction -> transaction.delete(COLLECTION, jobId));
  }

  private ByteString encode(StorageRecord record) {
    ObjectNode node = json.createObjectNode();
    node.put("jobId", record.jobId());
    node.put("domainUuid", record.domainUuid());
    node.put("domainName", record.domainName());
    node.put("runDirectory", record.runDirectory().toString());
    record
        .process()
        .ifPresent(
            process ->
                node.putObject("process")
                    .put("pid", process.pid())
                    .put("startTicks", process.startTicks())
                    .put("bootId", process.bootId()));
    node.put("lastNode", record.lastNode());
    DiskGraphJson.write(record.graph(), node.putObject("disk"));
    node.putObject("policy")
        .put("direct", record.policy().direct())
        .put("unmap", record.policy().unmap());
    try {
      return ByteString.copyFrom(json.writeValueAsBytes(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of text and numbers can always be written", e);
    }
  }

  private StorageRecord decode(String jobId, ByteString content) {
    try {
      JsonNode node = json.readTree(content.toByteArray());
      JsonNode policy = node.required("policy");
      return new StorageRecord(
          node.required("jobId").textValue(),
          node.required("domainUuid").textValue(),
          node.required("domainName").textValue(),
          Path.of(node.required("runDirectory").textValue()),
          node.has("process") ? Optional.of(process(node.required("process"))) : Optional.empty(),
          node.required("lastNode").intValue(),
          DiskGraphJson.read(node.required("disk")),
          new IoPolicy(
              policy.required("direct").booleanValue(), policy.required("unmap").booleanValue()));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "the record of the storage daemon of job " + jobId + " is unreadable", e);
    }
  }

  private static ProcessIdentity process(JsonNode node) {
    return new ProcessIdentity(
        node.required("pid").longValue(),
        node.required("startTicks").longValue(),
        node.required("bootId").textValue());
  }
}
