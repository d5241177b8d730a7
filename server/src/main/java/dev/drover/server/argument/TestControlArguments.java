package dev.drover.server.argument;

import com.google.protobuf.util.Durations;
import dev.drover.testing.v1.AdvanceClockRequest;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.ClearFaultsRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.FaultKind;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.testing.v1.InjectFaultRequest;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.SetClockRequest;
import dev.drover.testing.v1.WriteGuestRequest;
import java.util.List;
import java.util.Set;

/** Rules of the requests of TestControlService. */
final class TestControlArguments {

  private static final long BLOCK = 65_536;

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
                  "must not be negative");
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
                  "must not be negative");
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
  }

  private static void blocks(long value, String field) {
    Argument.that(value >= 0 && value % BLOCK == 0, field, "must be a multiple of " + BLOCK);
  }
}
