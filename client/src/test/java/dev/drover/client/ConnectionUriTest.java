package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.drover.client.ConnectionUri.Target;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionUriTest {
  private static final Path PKI = Path.of("/pki");
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
    assertThat(ConnectionUri.parse(text, SOCKETS, PKI))
        .isEqualTo(new ConnectionUri(Optional.of(driver), new Target.Unix(Path.of(socket))));
  }

  @ParameterizedTest
  @CsvSource({
    "qemu+tls://host/system, qemu:///system, host, 16514, /pki",
    "qemu://host/system, qemu:///system, host, 16514, /pki",
    "test+tls://host:7/default?pkipath=/other, test:///default, host, 7, /other",
    "qemu+tls://[2001:db8::1]:7/session, qemu:///session, 2001:db8::1, 7, /pki",
  })
  void remoteUrisNameDriverHostPortAndCertificates(
      String text, String driver, String host, int port, Path pki) {
    assertThat(ConnectionUri.parse(text, SOCKETS, PKI))
        .isEqualTo(new ConnectionUri(Optional.of(driver), new Target.Tls(host, port, pki)));
  }

  @ParameterizedTest
  @CsvSource({
    "qemu+ssh://host/system, qemu:///system, host",
    "qemu+ssh://ada@host:2222/session, qemu:///session, ada@host:2222",
    "test+ssh://my_alias/default, test:///default, my_alias",
    "qemu+ssh://ada%40corp.example@host/system, qemu:///system, ada@corp.example@host",
    "qemu+ssh://[2001:db8::1]:2222/system, qemu:///system, [2001:db8::1]:2222",
  })
  void sshUrisNameDriverUserHostAndPort(String text, String driver, String authority) {
    ConnectionUri uri = ConnectionUri.parse(text, SOCKETS, PKI);

    assertThat(uri.driverUri()).contains(driver);
    assertThat(uri.target())
        .isInstanceOfSatisfying(
            Target.Ssh.class, ssh -> assertThat(ssh.authority()).isEqualTo(authority));
  }

  @Test
  void sshUrisSayHowToLogInAndWhatIsThere() {
    assertThat(
            ConnectionUri.parse(
                    "qemu+ssh://ada@host/session?socket=/a%20b&keyfile=/key&known_hosts=/known&command=/bin/ssh&bridge=bin/drover",
                    SOCKETS, PKI)
                .target())
        .isEqualTo(
            new Target.Ssh(
                Optional.of("ada"),
                "host",
                OptionalInt.empty(),
                new Target.Ssh.Daemon.At("/a b"),
                "bin/drover",
                Optional.of(Path.of("/key")),
                Optional.of(Path.of("/known")),
                Optional.of(Path.of("/bin/ssh"))));
  }

  @Test
  void certificatesAreWhereTheXdgSpecificationPlacesThem() {
    Path home = Path.of("/home/me");

    assertThat(PkiDirectory.of(Map.of("XDG_CONFIG_HOME", "/config"), home))
        .isEqualTo(Path.of("/config/drover/pki"));
    assertThat(PkiDirectory.of(Map.of("XDG_CONFIG_HOME", "relative"), home))
        .isEqualTo(Path.of("/home/me/.config/drover/pki"));
  }

  @Test
  void withoutUriTheDaemonChoosesItsDriver() {
    assertThat(ConnectionUri.parse("", SOCKETS, PKI).driverUri()).isEmpty();
  }

  @Test
  void withoutSessionSocketTheSystemsIsTheNearest(@TempDir Path directory) throws IOException {
    Path system = Files.createFile(directory.resolve("system.sock"));
    Path session = directory.resolve("session.sock");
    DefaultSockets sockets = new DefaultSockets(system, session);

    assertThat(ConnectionUri.parse("test:///default", sockets, PKI).target())
        .isEqualTo(new Target.Unix(system));
    Files.createFile(session);
    assertThat(ConnectionUri.parse("test:///default", sockets, PKI).target())
        .isEqualTo(new Target.Unix(session));
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
        "qemu:///system?socket=/a b | write ' ' as %20",
        "qemu:///system?socket=/a%zz | Malformed escape pair",
        "qemu:///system#x | fragment",
        "qemu+tls:///system | needs a host",
        "qemu+tls://me@host/system | leave out 'user@'",
        "qemu+tls://host:0/system | from 1 to 65535",
        "qemu+tls://host:65536/system | from 1 to 65535",
        "qemu+tls://host/system?socket=/a | unknown parameter 'socket'; known is 'pkipath'",
        "qemu+tls://host/system?pkipath=a | must be an absolute path",
        "qemu+ssh:///system | needs a host",
        "qemu+ssh://me@/system | cannot be a host's name",
        "qemu+ssh://-oProxyCommand=x/system | cannot be a host's name",
        "qemu+ssh://%2doProxyCommand=x/system | cannot be a host's name",
        "qemu+ssh://-x@host/system | cannot be a user's name",
        "qemu+ssh://%2dx@host/system | cannot be a user's name",
        "qemu+ssh://a%60b@host/system | cannot be a user's name",
        "qemu+ssh://me:secret@host/system | cannot be a user's name",
        "qemu+ssh://host;id/system | cannot be a host's name",
        "qemu+ssh://host:0/system | from 1 to 65535",
        "qemu+ssh://host:65536/system | from 1 to 65535",
        "qemu+ssh://host:22x/system | needs a host",
        "qemu+ssh://host/system?pkipath=/a | unknown parameter 'pkipath'; known is 'socket',"
            + " 'keyfile'",
        "qemu+ssh://host/system?socket=a | 'socket' must be an absolute path",
        "qemu+ssh://host/system?socket=/a%0ab | without control characters",
        "qemu+ssh://host/system?keyfile=a | 'keyfile' must be an absolute path",
        "qemu+ssh://host/system?keyfile=/a%22b | without quotes",
        "qemu+ssh://host/system?known_hosts=/a$b | without quotes",
        "qemu+ssh://host/system?command=ssh | 'command' must be an absolute path",
        "qemu+ssh://host/system?bridge=-x | must name a program",
      })
  void badUrisAreRefusedWithTheReason(String text, String message) {
    assertThatExceptionOfType(DroverException.class)
        .isThrownBy(() -> ConnectionUri.parse(text, SOCKETS, PKI))
        .withMessageContaining(message)
        .withMessageContaining("'" + text + "'")
        .extracting(DroverException::reason)
        .isEqualTo(ErrorReason.ERROR_REASON_CONNECTION_URI_INVALID);
  }

  @ParameterizedTest
  @CsvSource({
    "qemu+http://host/system, http",
    "qemu+tcp://host/system, tcp",
  })
  void otherTransportsAreRefusedNamingTheSupportedOne(String text, String transport) {
    assertThatExceptionOfType(DroverException.class)
        .isThrownBy(() -> ConnectionUri.parse(text, SOCKETS, PKI))
        .withMessageContaining("Transport '%s'".formatted(transport))
        .withMessageContaining("supported are 'unix', 'tls' and 'ssh'")
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
