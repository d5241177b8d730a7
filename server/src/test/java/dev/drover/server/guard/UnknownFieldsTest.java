package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Acceleration;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainFilter;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.Image;
import dev.drover.v1.ListDomainsRequest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A9, R24: nothing that this daemon does not understand is passed over. */
class UnknownFieldsTest {

  private static final UnknownFieldSet NEWER =
      UnknownFieldSet.newBuilder()
          .addField(999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
          .build();

  static Stream<Arguments> unknown() {
    return Stream.of(
        Arguments.of(
            DefineDomainRequest.newBuilder().setUnknownFields(NEWER).build(), "field number 999"),
        Arguments.of(
            DefineDomainRequest.newBuilder()
                .setSpec(
                    DomainSpec.newBuilder()
                        .addDisks(Disk.getDefaultInstance())
                        .addDisks(
                            Disk.newBuilder()
                                .setSource(Image.newBuilder().setUnknownFields(NEWER))))
                .build(),
            "spec.disks[1].source.field number 999"),
        Arguments.of(
            DefineDomainRequest.newBuilder()
                .setSpec(DomainSpec.newBuilder().setName("web").setAccelerationValue(98))
                .build(),
            "spec.acceleration = 98"),
        Arguments.of(
            CompleteJobRequest.newBuilder().setCompletionValue(77).build(), "completion = 77"),
        Arguments.of(
            ListDomainsRequest.newBuilder()
                .setFilter(
                    DomainFilter.newBuilder()
                        .addStates(DomainState.DOMAIN_STATE_RUNNING)
                        .addStatesValue(99))
                .build(),
            "filter.states[1] = 99"));
  }

  @ParameterizedTest
  @MethodSource("unknown")
  void whatIsNotKnownIsNamedByItsPath(Message request, String path) {
    assertThatThrownBy(() -> UnknownFields.refuse(request))
        .isInstanceOfSatisfying(
            DriverException.class,
            failure -> assertThat(failure.metadata()).containsEntry("field", path));
  }

  @Test
  void whatIsKnownPasses() {
    assertThatNoException()
        .isThrownBy(
            () ->
                UnknownFields.refuse(
                    DefineDomainRequest.newBuilder()
                        .setSpec(
                            DomainSpec.newBuilder()
                                .putLabels("a", "b")
                                .setAcceleration(Acceleration.ACCELERATION_TCG))
                        .build()));
  }

  @Test
  void aValueThatSaysNothingIsKnown() {
    assertThatNoException()
        .isThrownBy(
            () ->
                UnknownFields.refuse(
                    ListDomainsRequest.newBuilder()
                        .setFilter(
                            DomainFilter.newBuilder()
                                .addStates(DomainState.DOMAIN_STATE_UNSPECIFIED))
                        .build()));
  }
}
