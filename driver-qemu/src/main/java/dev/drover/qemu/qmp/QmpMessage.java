package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.OptionalLong;

/** One line from QEMU. */
public sealed interface QmpMessage
    permits QmpMessage.Greeting, QmpMessage.Reply, QmpMessage.ErrorReply, QmpEvent {

  /**
   * The first line of every connection.
   *
   * @param version the binary's version
   * @param capabilities what can be negotiated, for example {@code oob}
   */
  record Greeting(QemuVersion version, List<String> capabilities) implements QmpMessage {
    /** Copies the list. */
    public Greeting {
      capabilities = List.copyOf(capabilities);
    }
  }

  /**
   * A command succeeded.
   *
   * @param id the command's id; absent when QEMU did not send a number
   * @param result what it returned
   */
  record Reply(OptionalLong id, JsonNode result) implements QmpMessage {}

  /**
   * A command failed.
   *
   * @param id the command's id; absent when QEMU could not even parse it
   * @param errorClass QEMU's error class
   * @param description QEMU's text
   */
  record ErrorReply(OptionalLong id, String errorClass, String description) implements QmpMessage {}
}
