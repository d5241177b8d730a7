package dev.drover.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The numbers that are told of what was measured. */
class SamplesTest {

  @Test
  void medianIsInTheMiddle() {
    assertThat(new Samples(List.of(5.0, 1.0, 3.0)).median()).isEqualTo(3.0);
    assertThat(new Samples(List.of(4.0, 1.0, 2.0, 3.0)).median()).isEqualTo(2.5);
  }

  @Test
  void percentileIsAMeasuredValue() {
    Samples hundred = new Samples(IntStream.rangeClosed(1, 100).mapToObj(i -> (double) i).toList());

    assertThat(hundred.percentile(50)).isEqualTo(50.0);
    assertThat(hundred.percentile(99)).isEqualTo(99.0);
    assertThat(new Samples(List.of(7.0)).percentile(99)).isEqualTo(7.0);
  }

  @Test
  void nothingMeasuredIsNoResult() {
    assertThatThrownBy(() -> new Samples(List.of())).isInstanceOf(IllegalArgumentException.class);
  }
}
