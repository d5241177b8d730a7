package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Acceleration;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.QueuePlace;
import org.junit.jupiter.api.Test;

class TextsTest {
  @Test
  void accelerationSaysWhatRunsTheGuestBeforeWhyItWasChosen() {
    DomainStatus status =
        DomainStatus.newBuilder()
            .setAcceleration(Acceleration.ACCELERATION_TCG)
            .setAccelerationDetail("kvm is absent")
            .build();

    assertThat(Texts.acceleration(status)).hasValue("tcg (kvm is absent)");
  }

  @Test
  void accelerationWithoutReasonIsItsNameAlone() {
    DomainStatus status =
        DomainStatus.newBuilder().setAcceleration(Acceleration.ACCELERATION_KVM).build();

    assertThat(Texts.acceleration(status)).hasValue("kvm");
  }

  @Test
  void aJobInTheQueueSaysWhatItWaitsFor() {
    Job.Builder job =
        Job.newBuilder()
            .setState(JobState.JOB_STATE_PENDING)
            .setQueuePlace(QueuePlace.newBuilder().setLimit("jobs").setMaximum(8).setPosition(2));

    assertThat(Texts.standing(job.build())).isEqualTo("pending, queued");
    assertThat(Texts.phase(job.build()))
        .isEqualTo("pending, number 2 in the queue (limits.jobs = 8)");
    assertThat(Texts.begun("Block Pull", job.build()))
        .isEqualTo("Block Pull queued, number 2 in the queue (limits.jobs = 8)");
    job.getQueuePlaceBuilder().setLimit("jobs_per_store").setStore("8:1");
    assertThat(Texts.phase(job.build()))
        .isEqualTo("pending, number 2 in the queue (limits.jobs_per_store = 8 on 8:1)");
    assertThat(Texts.standing(job.clearQueuePlace().build())).isEqualTo("pending");
    assertThat(Texts.begun("Block Pull", job.build())).isEqualTo("Block Pull started");
  }

  @Test
  void aDomainThatIsShutOffHasNoAcceleration() {
    assertThat(Texts.acceleration(DomainStatus.getDefaultInstance())).isEmpty();
  }
}
