package dev.drover.server.store;

import java.time.Duration;
import java.util.Optional;

/**
 * Who waits for the database at the moment.
 *
 * @param writing time for which the transaction under way has lasted; empty: there is none
 * @param waiting about how many transactions wait for it
 */
public record StoreWaits(Optional<Duration> writing, int waiting) {}
