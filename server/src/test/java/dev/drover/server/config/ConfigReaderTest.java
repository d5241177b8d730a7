package dev.drover.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.server.fake.FakeProvider;
import dev.drover.spi.DriverProvider;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The configuration file: what it can say, and how its mistakes are told. */
class ConfigReaderTest {

  private static final List<DriverProvider> DRIVERS = List.of(FakeProvider.complete());

  private static List<String> problems(String toml) {
    return catchThrowableOfType(ConfigException.class, () -> ConfigReader.parse(toml, DRIVERS))
        .problems();
  }

  @Test
  void readsWhoMayDoWhat() throws ConfigException {
    assertThat(ConfigReader.defaults().access())
        .isEqualTo(new DaemonConfig.Access(Optional.empty(), false));
    assertThat(
            ConfigReader.parse(
                    "[access]\npolicy_file = \"/etc/p.toml\"\neverybody_connects = true\n",
                    List.of())
                .access())
        .isEqualTo(new DaemonConfig.Access(Optional.of(Path.of("/etc/p.toml")), true));
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                ConfigReader.parse(
                    "[access]\npolicy_file = \"p.toml\"\neverybody_connects = 1\n", List.of()))
        .withMessageContaining("access.policy_file = p.toml: expected an absolute path")
        .withMessageContaining("access.everybody_connects = 1: expected true or false");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9264",
    "[::1]:9264",
    "localhost:9264",
    "/run/drover/metrics.sock",
  })
  void servesMetricsToThisHost(String address) throws ConfigException {
    assertThat(
            ConfigReader.parse("[metrics]\nlisten = \"" + address + "\"\n", List.of())
                .metrics()
                .map(MetricsAddress::toString))
        .contains(address);
  }

  /** Plain text beyond the host is asked for twice, or it is a mistake. */
  @ParameterizedTest
  @ValueSource(
      strings = {"0.0.0.0:9264", "[::]:9264", "192.0.2.7:9264", "metrics.example.org:9264"})
  void servesMetricsToOtherHostsOnlyWhereThatIsSaid(String address) throws ConfigException {
    String listen = "[metrics]\nlisten = \"" + address + "\"\n";
    assertThat(problems(listen))
        .singleElement()
        .asString()
        .startsWith("metrics.listen = " + address)
        .contains("metrics.beyond_host = true");
    assertThat(
            ConfigReader.parse(listen + "beyond_host = true\n", List.of())
                .metrics()
                .map(MetricsAddress::toString))
        .contains(address);
  }

  @ParameterizedTest
  @ValueSource(strings = {"9264", "127.0.0.1", "metrics.sock", "127.0.0.1:99999", "::1:9264"})
  void saysWhatAnAddressOfMetricsLooksLike(String address) {
    assertThat(problems("[metrics]\nlisten = \"" + address + "\"\n"))
        .singleElement()
        .asString()
        .contains("expected host:port", "absolute path");
  }

  @Test
  void anEmptyFileMeansTheDefaults() throws ConfigException {
    assertThat(ConfigReader.parse("", DRIVERS)).isEqualTo(ConfigReader.defaults());
  }

  @Test
  void readsEverySection() throws ConfigException {
    DaemonConfig config =
        ConfigReader.parse(
            """
            [daemon]
            default_uri = "test:///default"
            shutdown_grace_seconds = 3
            [logging]
            level = "debug"
            [limits]
            message_bytes = 65536
            [connections]
            keepalive_seconds = 30
            [driver.test]
            colour = "red"
            """,
            DRIVERS);
    assertThat(config.defaultUri()).contains("test:///default");
    assertThat(config.shutdownGrace()).isEqualTo(Duration.ofSeconds(3));
    assertThat(config.logging().level()).isEqualTo(LogLevel.DEBUG);
    assertThat(config.limits().messageBytes()).isEqualTo(65_536);
    assertThat(config.keepAlive().time()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.driver("test").value("colour")).contains("red");
    assertThat(config.driver("qemu").values()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "daemon.default_uri = 'qemu://host/system'"
            + " | daemon.default_uri = qemu://host/system: expected driver:///path, for example"
            + " qemu:///system or test:///default",
        "driver = 5 | [driver] must be a table",
        "driver.test = 5 | [driver.test] must be a table",
        "logging.audit_file = 'audit.log'"
            + " | logging.audit_file = audit.log: expected an absolute path",
        "tls.key = \"/a\\u0000b\" | tls.key = /a?b: a path has no zero character",
      })
  void whatIsNoSectionOrPathIsRefused(String text, String problem) {
    assertThat(problems(text)).containsExactly(problem);
  }

  @Test
  void allMistakesAreToldAtOnceWithWhatWasProbablyMeant() {
    assertThat(
            problems(
                """
                [deamon]
                x = 1
                [limits]
                mesage_bytes = 1
                watchers = "many"
                calls_per_connection = 0
                [logging]
                level = "loud"
                [driver.test]
                color = "red"
                [driver.tset]
                a = 1
                """))
        .containsExactlyInAnyOrder(
            "unknown section [deamon]; did you mean \"daemon\"?",
            "unknown key limits.mesage_bytes; did you mean \"message_bytes\"?",
            "limits.watchers = many: expected a whole number from 1 to 1000000",
            "limits.calls_per_connection = 0: expected a whole number from 1 to 1000000",
            "logging.level = loud: expected one of error, warn, info, debug, trace",
            "unknown key driver.test.color; did you mean \"colour\"?",
            "unknown section [driver.tset]; did you mean \"test\"?");
  }

  @Test
  void aNameLikeNothingKnownIsAnsweredWithWhatIsKnown() {
    assertThat(problems("[logging]\nxyzzy = 1"))
        .containsExactly(
            "unknown key logging.xyzzy; known are audit_file, audit_file_bytes, level");
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0:1, 0.0.0.0, 1",
    "host.example, host.example, 16514",
    "[::]:16515, ::, 16515",
    "[2001:db8::1], 2001:db8::1, 16514",
  })
  void tcpListensWhereItIsTold(String listen, String host, int port) throws ConfigException {
    DaemonConfig config =
        ConfigReader.parse(
            """
            [tls]
            listen = "%s"
            certificate = "/c"
            key = "/k"
            client_ca = "/a"
            """
                .formatted(listen),
            DRIVERS);
    assertThat(config.tls())
        .contains(
            new DaemonConfig.Tls(
                new ListenAddress(host, port),
                Path.of("/c"),
                Path.of("/k"),
                Path.of("/a"),
                Optional.empty()));
  }

  @Test
  void tcpIsNeverServedWithoutMutualTls() { // R14
    assertThat(problems("[tls]\nlisten = \"0.0.0.0\""))
        .hasSize(3)
        .allSatisfy(problem -> assertThat(problem).contains("is missing", "mutual TLS"));
    assertThat(problems("[tls]\nlisten = \"0.0.0.0\"\ncertificate = \"/c\"\nkey = \"/k\""))
        .singleElement()
        .asString()
        .startsWith("tls.client_ca is missing");
  }

  @Test
  void filesOfTlsAreNamedByTheirWholePath() {
    assertThat(problems("[tls]\nkey = \"server.key\""))
        .containsExactly("tls.key = server.key: expected an absolute path");
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:4318, http://127.0.0.1:4318/v1/traces",
    "http://localhost:4318/, http://localhost:4318/v1/traces",
    "http://[::1]:4318, http://[::1]:4318/v1/traces",
    "https://collector.example.org, https://collector.example.org/v1/traces",
    "https://collector.example.org/tenant/a, https://collector.example.org/tenant/a",
  })
  void tracesGoWhereTheyAreTold(String endpoint, URI expected) throws ConfigException {
    String text = "[tracing]\notlp_endpoint = \"%s\"\nsample_percent = 5".formatted(endpoint);
    assertThat(ConfigReader.parse(text, DRIVERS).tracing())
        .contains(new DaemonConfig.Tracing(expected, 5));
  }

  @ParameterizedTest
  @CsvSource({
    "http://collector.example.org:4318, by https alone",
    "http://192.0.2.1:4318, by https alone",
    "http://localhost.example.org, by https alone",
    "https://user:secret@collector.example.org, expected the address",
    "https://collector.example.org/?key=secret, expected the address",
    "ftp://127.0.0.1, expected the address",
    "127.0.0.1:4318, expected the address",
    "/run/collector.sock, expected the address",
  })
  void tracesDoNotLeaveTheHostInPlainText(String endpoint, String told) {
    assertThat(problems("[tracing]\notlp_endpoint = \"" + endpoint + "\""))
        .singleElement()
        .asString()
        .startsWith("tracing.otlp_endpoint = ")
        .contains(told);
  }

  @ParameterizedTest
  @ValueSource(strings = {":1", "a:b", "a:70000", "::1:5", "a b"})
  void anAddressThatCannotBeReadIsTold(String listen) {
    assertThat(problems("[tls]\nlisten = \"" + listen + "\""))
        .first()
        .asString()
        .startsWith("tls.listen = " + listen + ": expected host:port");
  }

  @Test
  void aFileThatIsNoTomlIsToldByItsLine() {
    assertThat(problems("[limits]\nwatchers = = 1").getFirst()).startsWith("line 2:");
  }

  @Test
  void aMissingFileIsTold() {
    ConfigException failure =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigReader.read(Path.of("/does/not/exist.toml"), DRIVERS));
    assertThat(failure.problems()).containsExactly("the file /does/not/exist.toml does not exist");
  }

  /** The printed configuration is what the reader reads: every key in it, at its default. */
  @Test
  void thePrintedConfigurationReadsBackAsTheDefaults() throws ConfigException {
    String text = ConfigText.commented(List.of());
    for (ConfigKey<?> key : ConfigKeys.all()) {
      assertThat(text).contains("\n#" + key.name() + " = " + key.initialText() + "\n");
    }
    String active = text.replaceAll("(?m)^#([a-z_]+ = )", "$1");
    assertThat(active).isNotEqualTo(text);
    assertThat(ConfigReader.parse(active, DRIVERS)).isEqualTo(ConfigReader.defaults());
  }

  @Test
  void thePrintedConfigurationShowsTheDriversKeys() {
    assertThat(ConfigText.commented(DRIVERS))
        .contains("[driver.test]", "# Colour of the driver. Default: grey.", "#colour = \"\"");
  }
}
