package dev.drover.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.drover.v1.DomainSpec;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads a domain from a YAML or JSON file: either a spec, or the whole record that {@code drover
 * domain show} prints, of which spec and etag are taken. What {@link SpecDocument} makes easier to
 * write is documented there. A file in libvirt's XML is read as {@link DomainDocument} says.
 */
final class DomainFile {
  /** YAML may begin with a brace too, but does not put names in quotes. */
  private static final Pattern JSON_START = Pattern.compile("\\{\\s*[\"}]");

  private DomainFile() {}

  /**
   * What a file says.
   *
   * @param spec the domain
   * @param etag the version the file was made from; empty: any
   * @param leftOut what the file says and the spec does not
   */
  record Definition(DomainSpec spec, String etag, List<String> leftOut) {

    /**
     * The same, where nothing is left out.
     *
     * @param advice what to do otherwise
     * @throws CommandFailure naming all that is left out
     */
    Definition whole(String file, String advice) {
      if (leftOut.isEmpty()) {
        return this;
      }
      throw new CommandFailure(
          Stream.concat(
                  Stream.of("File '%s' says what is not supported; %s".formatted(file, advice)),
                  leftOut.stream())
              .toArray(String[]::new));
    }
  }

  /**
   * Reads a file.
   *
   * @param file its path; - is standard input
   * @throws CommandFailure naming the field at fault
   */
  static Definition read(String file, InputStream standardInput) {
    return parse(file, InputFile.text(file, standardInput));
  }

  /** Reads the text of a file whose name is used in messages. */
  static Definition parse(String file, String text) {
    if (text.stripLeading().startsWith("<")) {
      DomainDocument document = DomainDocument.parse(file, text.getBytes(StandardCharsets.UTF_8));
      return new Definition(document.spec(), "", document.leftOut());
    }
    JsonNode tree = tree(file, text);
    String etag = "";
    if (tree.has("spec") && !tree.has("name")) {
      etag = tree.path("etag").asText("");
      tree = tree.get("spec");
    }
    try {
      DomainSpec.Builder spec = DomainSpec.newBuilder();
      JsonFormat.parser()
          .merge(SpecDocument.normalize(tree, DomainSpec.getDescriptor()).toString(), spec);
      return new Definition(spec.build(), etag, List.of());
    } catch (SpecDocument.Fault e) {
      throw new CommandFailure("File '%s': %s".formatted(file, e.getMessage()));
    } catch (InvalidProtocolBufferException e) {
      throw new CommandFailure("File '%s': %s".formatted(file, e.getMessage()));
    }
  }

  /**
   * The tree of a text in YAML or JSON.
   *
   * @throws CommandFailure where it is neither
   */
  static JsonNode tree(String file, String text) {
    boolean json = JSON_START.matcher(text.stripLeading()).lookingAt();
    ObjectMapper mapper =
        json
            ? JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build()
            : new ObjectMapper(
                YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
    mapper.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    try {
      return mapper.readTree(text);
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null
              ? ""
              : " at line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      throw new CommandFailure(
          "File '%s' is not valid %s%s: %s"
              .formatted(file, json ? "JSON" : "YAML", place, e.getOriginalMessage()));
    }
  }
}
