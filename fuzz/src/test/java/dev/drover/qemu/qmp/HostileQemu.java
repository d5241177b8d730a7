package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Bytes of a QEMU that its guest has taken over, through framing, parsing and what the daemon reads
 * of events and answers. It may be called a breach of the protocol, and nothing else.
 */
public final class HostileQemu {

  private static final int LINE_LIMIT = 1 << 16;

  private static final QmpParser PARSER = new QmpParser();

  private static final List<QmpCommand<?>> ASKED =
      List.of(
          new QueryCommand.QueryStatus(),
          new QueryCommand.QueryMigrate(),
          new QueryCommand.QueryMachine(),
          new QueryCommand.QueryUuid(),
          new QueryCommand.QueryName(),
          new QueryCommand.QueryVersion(),
          new QueryCommand.QueryJobs(),
          new QueryCommand.QueryBlockJobs(),
          new QueryCommand.QueryBlock(),
          new QueryCommand.QueryCpusFast(),
          new QueryCommand.QueryBalloon(),
          new QueryCommand.QueryKvm(),
          new QueryCommand.QueryMachines(),
          new QueryCommand.QueryCpuDefinitions(),
          new QueryCommand.QueryCharacterDevices(),
          new QueryCommand.QueryBlockGraph(),
          new QueryCommand.QueryNamedBlockNodes(true),
          new QueryCommand.QueryBlockStats(true));

  private HostileQemu() {}

  /** One stream of bytes. */
  public static void fuzzerTestOneInput(byte[] input) {
    try {
      new LineFramer(LINE_LIMIT)
          .feed(
              ByteBuffer.wrap(input),
              (buffer, offset, length) -> understand(PARSER.parse(buffer, offset, length)));
    } catch (QmpProtocolException e) {
      expect(e);
    }
  }

  private static void understand(QmpMessage message) {
    switch (message) {
      case QmpEvent event -> {
        try {
          expect(QemuEvent.of(event));
        } catch (QmpProtocolException e) {
          expect(e);
        }
      }
      case QmpMessage.Reply reply -> {
        JsonNode result =
            reply.result() == null ? JsonNodeFactory.instance.nullNode() : reply.result();
        ASKED.forEach(command -> answer(command, result));
      }
      case QmpMessage.ErrorReply error -> expect(error);
      case QmpMessage.Greeting greeting -> expect(greeting);
    }
  }

  private static void answer(QmpCommand<?> command, JsonNode result) {
    try {
      expect(command.decode(result));
    } catch (QmpProtocolException e) {
      expect(e);
    }
  }

  private static void expect(Object outcome) {
    if (outcome.toString() == null) {
      throw new AssertionError("nothing can be logged of it");
    }
  }
}
