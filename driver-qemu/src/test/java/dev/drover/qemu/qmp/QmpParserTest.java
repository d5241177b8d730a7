package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QmpParserTest {

  private static final String BEYOND_64_BITS = "1111111111111111111111111111111111";

  @Test
  void anEventSaysWhenItHappened() {
    assertThat(time("1700000000", "5")).contains(Instant.ofEpochSecond(1_700_000_000, 5_000));
  }

  @ParameterizedTest
  @CsvSource({
    "-1, -1",
    "253402300800, 0",
    "9223372036854775807, 0",
    BEYOND_64_BITS + ", 2",
    "1, 1000000",
    "1, 9223372036854775807",
    "1, " + BEYOND_64_BITS,
    "1.5, 0",
    "\"1\", 0"
  })
  void anEventOfNoTimeIsAnEvent(String seconds, String micros) {
    assertThat(time(seconds, micros)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775808",
        BEYOND_64_BITS,
        "-1",
        "-9223372036854775808",
        "1.5",
        "\"1\""
      })
  void aNumberThatCountsNothingIsNotTakenForOne(String number) throws Exception {
    JsonNode object = new ObjectMapper().readTree("{\"len\": " + number + "}");
    assertThatThrownBy(() -> Fields.number(object, "len"))
        .isInstanceOf(QmpProtocolException.class)
        .hasMessageContaining("'len', expected an integer of 64 bits");
    assertThat(Fields.optionalNumber(object, "len")).isEqualTo(OptionalLong.empty());
    assertThat(Fields.optionalInt(object, "len")).isEqualTo(OptionalInt.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"2147483648", "-1", BEYOND_64_BITS})
  void aNumberOfProcessorsIsNotCutEither(String number) throws Exception {
    JsonNode object = new ObjectMapper().readTree("{\"cpu-max\": " + number + "}");
    assertThatThrownBy(() -> Fields.integer(object, "cpu-max"))
        .isInstanceOf(QmpProtocolException.class)
        .hasMessageContaining("'cpu-max', expected an integer of 32 bits");
  }

  @Test
  void aMachineOfNoUuidIsNonsense() throws Exception {
    JsonNode answer = new ObjectMapper().readTree("{\"UUID\": \"me\"}");
    assertThatThrownBy(() -> new QueryCommand.QueryUuid().decode(answer))
        .isInstanceOf(QmpProtocolException.class)
        .hasMessageContaining("'UUID', expected a UUID");
  }

  @Test
  void anEventThatNoQemuSendsIsNotKept() {
    assertThat(parse(event("x".repeat(60_000)))).isInstanceOf(QmpEvent.class);
    assertThatThrownBy(() -> parse(event("x".repeat(66_000))))
        .isInstanceOf(QmpProtocolException.class)
        .hasMessageContaining("an event of 66");
  }

  @Test
  void whatIsSaidToPeopleIsNotMoreThanTheyCanRead() {
    String error = "{\"error\": {\"class\": \"GenericError\", \"desc\": \"%s\"}, \"id\": 1}";
    assertThat(parse(error.formatted("no room")))
        .isEqualTo(new QmpMessage.ErrorReply(OptionalLong.of(1), "GenericError", "no room"));
    assertThat(
            ((QmpMessage.ErrorReply) parse(error.formatted("no ".repeat(1 << 20)))).description())
        .startsWith("no no")
        .hasSizeLessThan(11_000);
  }

  private static String event(String text) {
    return "{\"event\": \"STOP\", \"data\": {\"why\": \"%s\"}}".formatted(text);
  }

  private static QmpMessage parse(String text) {
    byte[] line = text.getBytes(StandardCharsets.UTF_8);
    return new QmpParser().parse(line, 0, line.length);
  }

  private static Optional<Instant> time(String seconds, String micros) {
    String event =
        """
        {"timestamp": {"seconds": %s, "microseconds": %s}, "event": "STOP"}\
        """
            .formatted(seconds, micros);
    return ((QmpEvent) parse(event)).at();
  }
}
