package dev.drover.server.audit;

/** Where audit records go. */
@FunctionalInterface
public interface AuditLog {

  /** Writes a record. */
  void write(AuditRecord entry);
}
