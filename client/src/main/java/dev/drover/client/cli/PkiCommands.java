package dev.drover.client.cli;

import dev.drover.client.PkiDirectory;
import dev.drover.client.pki.AlternativeName;
import dev.drover.client.pki.AlternativeName.Kind;
import dev.drover.client.pki.CertificateAuthority;
import dev.drover.client.pki.IssuedCertificate;
import dev.drover.client.pki.PkiException;
import dev.drover.client.pki.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drover pki}: the certificates of daemons and clients (R14). It asks no daemon. */
final class PkiCommands {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

  private PkiCommands() {}

  @Command(
      name = "pki",
      description = "Make and revoke the certificates of daemons and clients for TLS.")
  static final class Group extends CommandGroup {}

  /** A command on the authority's directory. */
  abstract static class PkiVerb extends Verb {
    @Option(
        names = "--directory",
        paramLabel = "DIRECTORY",
        description =
            "Directory of the certificate authority. Default: drover/pki in the configuration"
                + " directory ($XDG_CONFIG_HOME or ~/.config).")
    private Optional<Path> directory = Optional.empty();

    PkiVerb(Session session) {
      super(session);
    }

    final Path directory() {
      return directory.orElseGet(
          () ->
              PkiDirectory.of(
                  session().surroundings().environment(),
                  Path.of(System.getProperty("user.home", "/"))));
    }

    /** The directory as an option of the next command, where it is not the default. */
    final String directoryOption() {
      return directory.map(path -> " --directory " + path).orElse("");
    }

    abstract void run(InstantSource clock);

    /** Tells a program where the files are. */
    final void tellDirectory(Path made) {
      if (!output().forPeople()) {
        output().document(Map.of("directory", made.toString()));
      }
    }

    @Override
    final void run() {
      try {
        run(InstantSource.system());
      } catch (PkiException e) {
        throw new CommandFailure(failure(), e.getMessage());
      }
    }

    final String time(java.time.Instant instant) {
      ZoneId zone = session().surroundings().zone();
      return TIME.format(instant.atZone(zone));
    }

    static Duration days(long days) {
      if (days < 1 || days > 36_500) {
        throw new CommandFailure("--days must be from 1 to 36500");
      }
      return Duration.ofDays(days);
    }
  }

  @Command(name = "init", description = "Make a certificate authority.")
  static final class Init extends PkiVerb {
    @Option(
        names = "--name",
        paramLabel = "NAME",
        description = "Name in the certificate. Default: Drover certificate authority.")
    private String name = "Drover certificate authority";

    @Option(
        names = "--days",
        paramLabel = "DAYS",
        description = "Days for which it is valid. Default: ${DEFAULT-VALUE}.")
    private long days = 3650;

    Init(Session session) {
      super(session);
    }

    @Override
    void run(InstantSource clock) {
      CertificateAuthority authority =
          CertificateAuthority.create(directory(), name, days(days), clock);
      tellDirectory(authority.directory());
      output().confirm("Certificate authority made in " + authority.directory());
      output().confirm("Keep ca.key secret and safe: who has it can be anybody.");
      output()
          .confirm(
              "Next: 'drover pki issue server HOST%s' for each daemon, 'drover pki issue client NAME%s' for each client"
                  .formatted(directoryOption(), directoryOption()));
    }

    @Override
    String failure() {
      return "Failed to make a certificate authority";
    }
  }

  @Command(
      name = "issue",
      description = "Make a certificate and its key, for a daemon or a client.",
      footer = {
        "",
        "A server's names are what clients connect to; without --dns and --ip it is NAME. A client"
            + " without --uri, --email and --dns is drover:principal/NAME; the daemon knows it by"
            + " the first of URI, email and DNS that it has."
      })
  static final class Issue extends PkiVerb {
    /** What is made. */
    enum Role {
      /** For a daemon. */
      SERVER,
      /** For a client. */
      CLIENT
    }

    @Parameters(index = "0", paramLabel = "KIND", description = "server or client.")
    private Role kind = Role.CLIENT;

    @Parameters(index = "1", paramLabel = "NAME", description = "Host name, or name of the client.")
    private String name = "";

    @Option(names = "--dns", paramLabel = "HOST", description = "Host name; may be repeated.")
    private List<String> dns = List.of();

    @Option(names = "--ip", paramLabel = "ADDRESS", description = "IP address; may be repeated.")
    private List<String> ip = List.of();

    @Option(names = "--uri", paramLabel = "URI", description = "URI; may be repeated.")
    private List<String> uri = List.of();

    @Option(names = "--email", paramLabel = "MAIL", description = "Address; may be repeated.")
    private List<String> email = List.of();

    @Option(
        names = "--days",
        paramLabel = "DAYS",
        description = "Days for which it is valid. Default: ${DEFAULT-VALUE}.")
    private long days = 365;

    @Option(
        names = "--renew",
        description =
            "Replace the files of an earlier certificate of that name; the earlier one stays valid"
                + " until it ends or is revoked.")
    private boolean renew;

    Issue(Session session) {
      super(session);
    }

    @Override
    void run(InstantSource clock) {
      CertificateAuthority authority = CertificateAuthority.open(directory(), clock);
      Path made =
          switch (kind) {
            case SERVER -> authority.issue(name, Usage.SERVER, serverNames(), days(days), renew);
            case CLIENT -> authority.issue(name, Usage.CLIENT, clientNames(), days(days), renew);
          };
      tellDirectory(made);
      switch (kind) {
        case SERVER -> {
          output().confirm("Server certificate made in " + made);
          output()
              .confirm(
                  "Next: copy ca.pem, server.pem and server.key to the daemon's host, with %s, and name them in [tls] of its configuration"
                      .formatted(authority.revocationFile()));
        }
        case CLIENT -> {
          output().confirm("Client certificate made in " + made);
          output()
              .confirm(
                  "Next: copy ca.pem, client.pem and client.key to ~/.config/drover/pki of the"
                      + " client, or connect with ?pkipath="
                      + made.toAbsolutePath());
        }
      }
    }

    private List<AlternativeName> serverNames() {
      if (!uri.isEmpty() || !email.isEmpty()) {
        throw new CommandFailure("--uri and --email name clients, not servers");
      }
      List<AlternativeName> names = names();
      return names.isEmpty() ? List.of(AlternativeName.host(name)) : names;
    }

    private List<AlternativeName> clientNames() {
      if (!ip.isEmpty()) {
        throw new CommandFailure("--ip names servers, not clients");
      }
      List<AlternativeName> names = names();
      return names.isEmpty() ? List.of(AlternativeName.principal(name)) : names;
    }

    private List<AlternativeName> names() {
      List<AlternativeName> names = new ArrayList<>();
      uri.forEach(value -> names.add(new AlternativeName(Kind.URI, value)));
      email.forEach(value -> names.add(new AlternativeName(Kind.EMAIL, value)));
      dns.forEach(value -> names.add(new AlternativeName(Kind.DNS, value)));
      ip.forEach(value -> names.add(new AlternativeName(Kind.IP, value)));
      return names;
    }

    @Override
    String failure() {
      return "Failed to issue a certificate for '%s'".formatted(name);
    }
  }

  @Command(name = "list", description = "List the certificates that the authority made.")
  static final class Listing extends PkiVerb {
    Listing(Session session) {
      super(session);
    }

    @Override
    void run(InstantSource clock) {
      List<List<String>> rows =
          CertificateAuthority.open(directory(), clock).list().stream()
              .map(one -> row(one, clock))
              .toList();
      if (output().forPeople()) {
        output()
            .table(
                new Table(
                    List.of("Name", "Kind", "State", "Valid until", "Identities", "Serial"), rows));
      } else {
        output().document(rows.stream().map(Listing::named).toList());
      }
    }

    private static Map<String, Object> named(List<String> row) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("name", row.get(0));
      values.put("kind", row.get(1));
      values.put("state", row.get(2));
      values.put("valid_until", row.get(3));
      values.put("identities", List.of(row.get(4).split(", ")));
      values.put("serial", row.get(5));
      return values;
    }

    private List<String> row(IssuedCertificate one, InstantSource clock) {
      var end = one.certificate().getNotAfter().toInstant();
      return List.of(
          one.name(),
          one.usage().name().toLowerCase(Locale.ROOT),
          one.revoked().isPresent()
              ? "revoked"
              : clock.instant().isAfter(end) ? "expired" : "valid",
          time(end),
          one.names().stream().map(String::valueOf).collect(Collectors.joining(", ")),
          one.serial());
    }

    @Override
    String failure() {
      return "Failed to list certificates";
    }
  }

  @Command(name = "revoke", description = "Revoke certificates, by name or serial number.")
  static final class Revoke extends PkiVerb {
    @Parameters(
        paramLabel = "NAME",
        description = "Name, for all its certificates, or a serial number of the list.")
    private String name = "";

    Revoke(Session session) {
      super(session);
    }

    @Override
    void run(InstantSource clock) {
      CertificateAuthority authority = CertificateAuthority.open(directory(), clock);
      List<IssuedCertificate> revoked = authority.revoke(name);
      if (!output().forPeople()) {
        output()
            .document(
                revoked.stream()
                    .map(one -> Map.of("serial", one.serial(), "name", one.name()))
                    .toList());
      }
      revoked.forEach(
          one ->
              output()
                  .confirm("Certificate %s of '%s' revoked".formatted(one.serial(), one.name())));
      output()
          .confirm(
              "Next: copy %s to what tls.revocation_list of each daemon names; daemons notice it by themselves"
                  .formatted(authority.revocationFile()));
    }

    @Override
    String failure() {
      return "Failed to revoke '%s'".formatted(name);
    }
  }
}
