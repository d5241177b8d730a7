package dev.drover.qemu.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QmpSchemaTest {
  private final QmpSchema old = CapturedSchemas.QEMU_7_2.schema();
  private final QmpSchema recent = CapturedSchemas.QEMU_10_0.schema();

  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }

  @Test
  void commandsArgumentsEventsAndValuesAreFound() {
    assertThat(old.hasCommand("block-commit")).isTrue();
    assertThat(old.hasCommand("block-job-change")).isFalse();
    assertThat(recent.hasCommand("block-job-change")).isTrue();
    assertThat(old.hasCommand("JOB_STATUS_CHANGE")).isFalse();
    assertThat(old.hasEvent("JOB_STATUS_CHANGE")).isTrue();
    assertThat(old.hasArgument("block-stream", "backing-mask-protocol")).isFalse();
    assertThat(recent.hasArgument("block-stream", "backing-mask-protocol")).isTrue();
    assertThat(old.hasArgument("transaction", "actions.data.overlay")).isTrue();
    assertThat(old.hasArgument("blockdev-add", "file.filename")).isTrue();
    assertThat(old.hasArgument("no-such-command", "x")).isFalse();
    assertThat(old.hasArgumentValue("blockdev-mirror", "copy-mode", "write-blocking")).isTrue();
    assertThat(old.hasArgumentValue("blockdev-mirror", "copy-mode", "telepathy")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          block-commit  | {'device': 7}                                   | block-commit.device must be of type string, is 7
          block-commit  | {}                                              | block-commit.device is missing
          block-commit  | {'device': 'd', 'colour': 1}                    | block-commit.colour is unknown
          block-stream  | {'device': 'd', 'on-error': 'panic'}            | block-stream.on-error has no value "panic"
          blockdev-add  | {'driver': 'qcow2', 'file': {'driver': 'file'}} | blockdev-add.file.filename is missing
          transaction   | {'actions': [{'type': 'abort', 'data': {'x': 1}}]} | transaction.actions[0].data.x is unknown
          transaction   | {'actions': 1}                                  | transaction.actions must be a list
          fly           | {}                                              | there is no command fly
          query-status  | []                                              | query-status must be an object
          """)
  void mistakesAreNamedWithTheirPath(String command, String arguments, String problem)
      throws JsonProcessingException {
    assertThat(old.validate(command, json(arguments))).contains(problem);
    assertThat(recent.validate(command, json(arguments))).contains(problem);
  }

  @Test
  void eventsAreCheckedToo() throws JsonProcessingException {
    assertThat(old.validateEvent("JOB_STATUS_CHANGE", json("{'id': 'j', 'status': 'ready'}")))
        .isEmpty();
    assertThat(old.validateEvent("JOB_STATUS_CHANGE", json("{'id': 'j'}")))
        .containsExactly("JOB_STATUS_CHANGE.status is missing");
  }

  @Test
  void somethingElseThanASchemaIsRefused() {
    assertThatThrownBy(() -> QmpSchema.of(json("[{'a': 1}]")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> QmpSchema.of(json("[]"))).isInstanceOf(IllegalArgumentException.class);
  }
}
