package dev.drover.server.argument;

import com.google.protobuf.util.Durations;
import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.ClearFaultsRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.FaultKind;
import dev.drover.testing.v1.GuestDiscard;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.testing.v1.WriteGuestRequest;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/** Rules of the requests of TestControlService. */
final class TestControlArguments {

  private static final long BLOCK = 65_536;

  /** 64 TiB: the largest disk of the test host. */
  private static final long LARGEST = 1L << 46;

  /** 16 GiB: what one call may change, since each cluster of it is kept in memory. */
  private static final long MOST_CHANGED = 1L << 34;

  private TestControlArguments() {}

  static void register(ArgumentRules.Table table) {
    table
        .add(SetClockRequest.class, _ -> {})
        .add(ClearFaultsRequest.class, _ -> {})
        .add(
            AdvanceClockRequest.class,
            request -> {
              Argument.required(request.hasDuration(), "duration");
              Argument.that(
                  Durations.isValid(request.getDuration())
                      && !Durations.isNegative(request.getDuration()),
                  "duration",
                  "must be a valid duration from 0 up");
            })
        .add(
            CreateImageRequest.class,
            request -> {
              Argument.path(request.getPath(), "path");
              Argument.that(
                  Set.of("raw", "qcow2").contains(request.getFormat()),
                  "format",
                  "must be \"raw\" or \"qcow2\"");
              blocks(request.getVirtualSizeBytes(), "virtual_size_bytes");
              writes(request.getContentsList(), "contents");
            })
        .add(
            ChangeImageRequest.class,
            request -> {
              Argument.path(request.getPath(), "path");
              boolean said =
                  switch (request.getChangeCase()) {
                    case HEADER -> true;
                    case REPLACE -> request.getReplace();
                    case REMOVE -> request.getRemove();
                    case CHANGE_NOT_SET -> false;
                  };
              Argument.that(said, "change", "is required: header, or replace or remove as true");
              Argument.that(
                  Set.of("", "raw", "qcow2").contains(request.getHeader().getFormat()),
                  "header.format",
                  "must be \"raw\", \"qcow2\" or empty");
            })
        .add(
            WriteGuestRequest.class,
            request -> {
              Argument.domain(request.getDomain());
              Argument.required(request.getDisk(), "disk");
              writes(request.getWritesList(), "writes");
              List<GuestDiscard> discards = request.getDiscardsList();
              for (int i = 0; i < discards.size(); i++) {
                blocks(discards.get(i).getOffsetBytes(), "discards[" + i + "].offset_bytes");
                blocks(discards.get(i).getLengthBytes(), "discards[" + i + "].length_bytes");
              }
              changed(discards.stream().mapToLong(GuestDiscard::getLengthBytes), "discards");
            })
        .add(ReadImageRequest.class, request -> Argument.path(request.getPath(), "path"))
        .add(
            InjectFaultRequest.class,
            request -> {
              Argument.required(request.getStep(), "step");
              Argument.that(
                  request.getKind() != FaultKind.FAULT_KIND_UNSPECIFIED, "kind", "is required");
              Argument.that(
                  Durations.isValid(request.getDelay())
                      && !Durations.isNegative(request.getDelay()),
                  "delay",
                  "must be a valid duration from 0 up");
            });
  }

  private static void writes(List<GuestWrite> writes, String field) {
    for (int i = 0; i < writes.size(); i++) {
      GuestWrite write = writes.get(i);
      blocks(write.getOffsetBytes(), field + "[" + i + "].offset_bytes");
      blocks(write.getLengthBytes(), field + "[" + i + "].length_bytes");
      Argument.that(
          write.getPattern() >= 0 && write.getPattern() <= 255,
          field + "[" + i + "].pattern",
          "must be 0 to 255");
    }
    changed(writes.stream().mapToLong(GuestWrite::getLengthBytes), field);
  }

  private static void changed(LongStream lengths, String field) {
    Argument.that(
        lengths.reduce(0, (sum, one) -> Math.min(sum + one, MOST_CHANGED + 1)) <= MOST_CHANGED,
        field,
        "must not be longer than %d bytes together; use several calls".formatted(MOST_CHANGED));
  }

  private static void blocks(long value, String field) {
    Argument.that(
        value >= 0 && value <= LARGEST && value % BLOCK == 0,
        field,
        "must be a multiple of %d, at most %d".formatted(BLOCK, LARGEST));
  }
}
