package dev.drover.server.guard;

import static java.util.stream.Collectors.joining;

import com.google.protobuf.Message;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a request is about, for log lines and audit records.
 *
 * @param domain name, uuid or id of the domain; empty: none
 * @param disk the disk; empty: none
 * @param snapshot name of the snapshot; empty: none, or one that the driver names
 * @param job id of the job; empty: none, or several
 * @param jobs ids of several jobs, with commas; empty: none
 * @param requestId the client's id of the request; empty: none
 * @param validateOnly whether it asks what would be done, and for nothing else
 */
public record RequestSubject(
    String domain,
    String disk,
    String snapshot,
    String job,
    String jobs,
    String requestId,
    boolean validateOnly) {

  private static final String SNAPSHOT_REQUEST = "SnapshotRequest";
  private static final int MOST_CHARACTERS = 4096;

  /** A request that names nothing, or has not been read. */
  public static final RequestSubject NOTHING = new RequestSubject("", "", "", "", "", "", false);

  /** Reads it from a request's fields, whose names mean the same in the whole API. */
  public static RequestSubject of(Message request) {
    return new RequestSubject(
        field(request, "domain")
            .filter(DomainRef.class::isInstance)
            .map(DomainRef.class::cast)
            .map(RequestSubject::name)
            .or(
                () ->
                    field(request, "spec")
                        .filter(DomainSpec.class::isInstance)
                        .map(spec -> ((DomainSpec) spec).getName()))
            .orElse(""),
        text(request, "disk"),
        request.getDescriptorForType().getName().endsWith(SNAPSHOT_REQUEST)
            ? text(request, "name")
            : "",
        text(request, "job_id"),
        field(request, "job_ids")
            .filter(List.class::isInstance)
            .map(ids -> ((List<?>) ids).stream().map(String::valueOf).collect(joining(",")))
            .orElse(""),
        text(request, "request_id"),
        field(request, "validate_only").filter(Boolean.TRUE::equals).isPresent());
  }

  /** A domain reference for people. */
  public static String name(DomainRef domain) {
    return switch (domain.getRefCase()) {
      case NAME -> domain.getName();
      case UUID -> domain.getUuid();
      case ID -> Integer.toUnsignedString(domain.getId());
      case REF_NOT_SET -> "";
    };
  }

  /**
   * The parts that are there, by name; cut off where they are longer than any name or path is, so
   * that nobody fills the audit file with requests that are refused.
   */
  public Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    add(parts, "domain", domain);
    add(parts, "disk", disk);
    add(parts, "snapshot", snapshot);
    add(parts, "job", job);
    add(parts, "jobs", jobs);
    add(parts, "request_id", requestId);
    add(parts, "validate_only", validateOnly ? "true" : "");
    return parts;
  }

  private static void add(Map<String, String> parts, String name, String value) {
    if (!value.isEmpty()) {
      parts.put(
          name,
          value.length() <= MOST_CHARACTERS ? value : value.substring(0, MOST_CHARACTERS) + "...");
    }
  }

  private static String text(Message request, String name) {
    return field(request, name).filter(String.class::isInstance).map(String.class::cast).orElse("");
  }

  private static Optional<Object> field(Message request, String name) {
    return Optional.ofNullable(request.getDescriptorForType().findFieldByName(name))
        .map(request::getField);
  }
}
