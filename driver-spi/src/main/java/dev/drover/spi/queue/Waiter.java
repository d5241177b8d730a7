package dev.drover.spi.queue;

import java.util.Optional;
import java.util.Set;

/**
 * Somebody in the queue.
 *
 * @param claim what is needed
 * @param shownOn id of the job whose record tells of the wait
 * @param request what is started when the turn comes; empty: a step, whose thread waits
 */
record Waiter(Claim claim, String shownOn, Optional<StartRequest> request) {

  /** True for a job that is not taken up before its turn; false for a step of one that is. */
  boolean isJob() {
    return request.isPresent();
  }

  /** The same, of whose job the stores are known now. */
  Waiter on(Set<String> stores) {
    return new Waiter(
        new Claim(claim.jobId(), claim.owner(), claim.domainUuid(), stores), shownOn, request);
  }
}
