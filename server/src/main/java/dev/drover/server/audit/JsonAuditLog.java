package dev.drover.server.audit;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes each record as one JSON line to a logger of its own. */
public final class JsonAuditLog implements AuditLog {

  /** Name of the logger whose lines are the audit file. */
  public static final String LOGGER = "dev.drover.audit";

  private static final Logger log = LoggerFactory.getLogger(LOGGER);

  private final JsonMapper mapper = JsonMapper.builder().build();

  @Override
  public void write(AuditRecord entry) {
    log.info(line(entry));
  }

  /** The JSON line of a record. */
  String line(AuditRecord entry) {
    ObjectNode line = mapper.createObjectNode();
    line.put("time", entry.time().toString());
    line.put("call", entry.callId());
    line.put("principal", entry.principal());
    line.put("origin", entry.origin());
    line.put("method", entry.method());
    line.put("uri", entry.uri());
    entry.subject().forEach(line::put);
    line.put("result", entry.result());
    line.put("duration_ms", entry.duration().toMillis());
    return line.toString();
  }
}
