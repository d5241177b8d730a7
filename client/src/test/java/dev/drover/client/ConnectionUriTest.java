package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionUriTest {
  private static final DefaultSockets SOCKETS =
      new DefaultSockets(Path.of("/system/droverd.sock"), Path.of("/session/droverd.sock"));

  @ParameterizedTest
  @CsvSource({
    "qemu:///system, qemu:///system, /system/droverd.sock",
    "qemu:///session, qemu:///session, /session/droverd.sock",
    "test:///default, test:///default, /session/droverd.sock",
    "qemu+unix:///system, qemu:///system, /system/droverd.sock",
    "qemu+unix:///session?socket=/a/b.sock, qemu:///session, /a/b.sock",
    "test+unix:///default?socket=/with%20space+plus, test:///default, /with space+plus",
    "qemu:///session?socket=/c, qemu:///session, /c",
  })
  void localUrisNameDriverAndSocket(String text, String driver, String socket) {
    assertThat(ConnectionUri.parse(text, SOCKETS))
        .isEqualTo(new ConnectionUri(Optional.of(driver), Path.of(socket)));
  }

  @Test
  void withoutUriTheDaemonChoosesItsDriver() {
    assertThat(ConnectionUri.parse("", SOCKETS).driverUri()).isEmpty();
  }

  @Test
  void withoutSessionSocketTheSystemsIsTheNearest(@TempDir Path directory) throws IOException {
    Path system = Files.createFile(directory.resolve("system.sock"));
    Path session = directory.resolve("session.sock");
    DefaultSockets sockets = new DefaultSockets(system, session);

    assertThat(ConnectionUri.parse("test:///default", sockets).socket()).isEqualTo(system);
    Files.createFile(session);
    assertThat(ConnectionUri.parse("test:///default", sockets).socket()).isEqualTo(session);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "qemu | driver:///path",
        "qemu: | Expected scheme-specific part",
        "/system | driver:///path",
        "qemu:system | driver:///path",
        "qemu+unix://host/system | three slashes",
        "qemu:///system?sock=/x | unknown parameter 'sock'",
        "qemu:///system?socket=x | must be an absolute path",
        "qemu:///system?socket | has no value",
        "qemu:///system?socket=/a&socket=/b | is given twice",
        "qemu:///system?socket=/a%00b | is not a path",
        "qemu:///system#x | fragment",
      })
  void badUrisAreRefusedWithTheReason(String text, String message) {
    assertThatExceptionOfType(DroverException.class)
        .isThrownBy(() -> ConnectionUri.parse(text, SOCKETS))
        .withMessageContaining(message)
        .withMessageContaining("'" + text + "'")
        .extracting(DroverException::reason)
        .isEqualTo(ErrorReason.ERROR_REASON_CONNECTION_URI_INVALID);
  }

  @ParameterizedTest
  @CsvSource({
    "qemu+tls://host/system, tls",
    "qemu+ssh://user@host/system, ssh",
    "qemu://host/system, tls",
    "qemu+tcp://host/system, tcp",
  })
  void otherTransportsAreRefusedNamingTheSupportedOne(String text, String transport) {
    assertThatExceptionOfType(DroverException.class)
        .isThrownBy(() -> ConnectionUri.parse(text, SOCKETS))
        .withMessageContaining("Transport '%s'".formatted(transport))
        .withMessageContaining("supported is 'unix'")
        .extracting(DroverException::reason)
        .isEqualTo(ErrorReason.ERROR_REASON_NOT_SUPPORTED);
  }

  @Test
  void socketsAreWhereTheXdgSpecificationPlacesThem() {
    Path home = Path.of("/home/me");

    assertThat(DefaultSockets.of(Map.of("XDG_RUNTIME_DIR", "/run/user/1000"), home).session())
        .isEqualTo(Path.of("/run/user/1000/drover/droverd.sock"));
    assertThat(DefaultSockets.of(Map.of("XDG_STATE_HOME", "/state"), home).session())
        .isEqualTo(Path.of("/state/drover/run/droverd.sock"));
    assertThat(DefaultSockets.of(Map.of(), home).session())
        .isEqualTo(Path.of("/home/me/.local/state/drover/run/droverd.sock"));
    assertThat(
            DefaultSockets.of(Map.of("XDG_RUNTIME_DIR", "relative", "HOME", "/other"), home)
                .session())
        .isEqualTo(Path.of("/other/.local/state/drover/run/droverd.sock"));
    assertThat(DefaultSockets.of(Map.of(), home).system())
        .isEqualTo(Path.of("/run/drover/droverd.sock"));
  }
}
