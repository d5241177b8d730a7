package dev.drover.server.guard;

import dev.drover.spi.Caller;
import java.time.Instant;

/** What is found out about a call while it goes through the guards; for log and audit. */
final class CallRecord {

  private static final Caller NOBODY = new Caller("", "");

  private final String callId;
  private final String method;
  private final Instant start;
  private volatile Caller caller = NOBODY;
  private volatile boolean mutates;
  private volatile String uri = "";
  private volatile RequestSubject subject = RequestSubject.NOTHING;

  CallRecord(String callId, String method, Instant start) {
    this.callId = callId;
    this.method = method;
    this.start = start;
  }

  String callId() {
    return callId;
  }

  String method() {
    return method;
  }

  Instant start() {
    return start;
  }

  Caller caller() {
    return caller;
  }

  void caller(Caller found) {
    caller = found;
  }

  boolean mutates() {
    return mutates;
  }

  void mutates(boolean found) {
    mutates = found;
  }

  String uri() {
    return uri;
  }

  void uri(String found) {
    uri = found;
  }

  RequestSubject subject() {
    return subject;
  }

  void subject(RequestSubject found) {
    subject = found;
  }
}
