package dev.drover.server.activity;

import dev.drover.spi.activity.Work;
import java.time.Duration;

/**
 * Work of a driver that has not ended.
 *
 * @param scheme scheme of the driver
 * @param work what it is
 * @param age time since it began
 * @param givenUp whether nobody waits for it any more
 */
public record OngoingWork(String scheme, Work work, Duration age, boolean givenUp) {}
