package dev.drover.qemu.probe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers of probes on disk, one JSON file for each path of a binary. A file that is of another
 * build, another form, or damaged counts as absent; a cache that cannot be written costs only time.
 */
final class CapabilityCache {
  private static final Logger logger = LoggerFactory.getLogger(CapabilityCache.class);
  private static final int FORMAT = 1;

  private final Path directory;
  private final ObjectMapper json = new ObjectMapper();

  CapabilityCache(Path directory) {
    this.directory = directory;
  }

  ObjectNode newEntry() {
    return json.createObjectNode();
  }

  Optional<ObjectNode> read(BinaryStamp stamp) {
    Path file = fileOf(stamp);
    try {
      JsonNode kept = json.readTree(file.toFile());
      boolean usable =
          kept.path("format").asInt() == FORMAT
              && kept.path("path").asText().equals(stamp.path())
              && kept.path("sizeBytes").asLong() == stamp.sizeBytes()
              && kept.path("modifiedMillis").asLong() == stamp.modifiedMillis();
      return usable && kept.get("answers") instanceof ObjectNode answers
          ? Optional.of(answers)
          : Optional.empty();
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      logger.warn("The capability cache {} is damaged and will be written anew", file, e);
      return Optional.empty();
    } catch (IOException e) {
      logger.warn("Cannot read the capability cache {}; probing again", file, e);
      return Optional.empty();
    }
  }

  void write(BinaryStamp stamp, ObjectNode answers) {
    Path file = fileOf(stamp);
    ObjectNode entry =
        json.createObjectNode()
            .put("format", FORMAT)
            .put("path", stamp.path())
            .put("sizeBytes", stamp.sizeBytes())
            .put("modifiedMillis", stamp.modifiedMillis());
    entry.set("answers", answers);
    try {
      Files.createDirectories(directory);
      Path temporary = file.resolveSibling(file.getFileName() + ".new");
      Files.write(temporary, json.writeValueAsBytes(entry));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      logger.warn("Cannot write the capability cache {}; every start will probe again", file, e);
    }
  }

  private Path fileOf(BinaryStamp stamp) {
    UUID name = UUID.nameUUIDFromBytes(stamp.path().getBytes(StandardCharsets.UTF_8));
    return directory.resolve("capabilities-" + name + ".json");
  }
}
