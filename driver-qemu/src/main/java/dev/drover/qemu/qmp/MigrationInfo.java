package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Answer of {@code query-migrate}, of either side.
 *
 * @param state where it stands; {@link State#NONE} where there never was one
 * @param error why it failed
 */
public record MigrationInfo(State state, Optional<String> error) {

  /** Where a migration stands. */
  public enum State {
    /** There never was one. */
    NONE,
    /** Being set up. */
    SETUP,
    /** Bytes flow. */
    ACTIVE,
    /** The last phase, in which devices are written. */
    DEVICE,
    /** Being cancelled. */
    CANCELLING,
    /** Cancelled; the guest is as it was. */
    CANCELLED,
    /** Done. */
    COMPLETED,
    /** Failed; the guest is as it was. */
    FAILED,
    /** A state that is not used here, or that a later QEMU added. */
    UNKNOWN;

    /** Whether nothing more happens by itself. */
    public boolean isFinal() {
      return switch (this) {
        case NONE, CANCELLED, COMPLETED, FAILED -> true;
        case SETUP, ACTIVE, DEVICE, CANCELLING, UNKNOWN -> false;
      };
    }
  }

  static MigrationInfo decode(JsonNode node) {
    return new MigrationInfo(
        Fields.optionalText(node, "status")
            .map(status -> Fields.enumValue(State.class, status, State.UNKNOWN))
            .orElse(State.NONE),
        Fields.optionalWords(node, "error-desc"));
  }
}
