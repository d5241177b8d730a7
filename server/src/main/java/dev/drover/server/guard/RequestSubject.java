package dev.drover.server.guard;

import com.google.protobuf.Message;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a request is about, for log lines and audit records.
 *
 * @param domain name, uuid or id of the domain; empty: none
 * @param disk the disk; empty: none
 * @param job id of the job; empty: none
 * @param requestId the client's id of the request; empty: none
 */
public record RequestSubject(String domain, String disk, String job, String requestId) {

  private static final int MOST_CHARACTERS = 4096;

  /** A request that names nothing, or has not been read. */
  public static final RequestSubject NOTHING = new RequestSubject("", "", "", "");

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
        text(request, "job_id"),
        text(request, "request_id"));
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
    add(parts, "job", job);
    add(parts, "request_id", requestId);
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
