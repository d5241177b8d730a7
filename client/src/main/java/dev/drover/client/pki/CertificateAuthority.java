package dev.drover.client.pki;

import dev.drover.client.pki.PrivateFiles.Content;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A certificate authority in a directory that only its owner may read (R14): {@code ca.pem}, {@code
 * ca.key}, the revocation list {@code revoked.pem}, each certificate it ever made under {@code
 * certificates}, and under {@code issued/NAME} what is to be copied to the machine of that name.
 *
 * <p>Files appear and change as a whole; nothing is overwritten unless asked for. Of programs that
 * change one directory at a time each waits for the other.
 */
public final class CertificateAuthority {

  /** File of the authority's certificate, here and in what is copied to others. */
  public static final String AUTHORITY_FILE = "ca.pem";

  /** File of the revocation list. */
  public static final String REVOCATION_FILE = "revoked.pem";

  private static final String KEY_FILE = "ca.key";
  private static final String ARCHIVE = "certificates";
  private static final String ISSUED = "issued";

  /** Clocks of two machines may differ by this. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  private static final Pattern NAME = Pattern.compile("\\P{C}{1,64}");

  private final Path directory;
  private final InstantSource clock;
  private final X509Certificate certificate;
  private final PrivateKey key;

  private CertificateAuthority(
      Path directory, InstantSource clock, X509Certificate certificate, PrivateKey key) {
    this.directory = directory;
    this.clock = clock;
    this.certificate = certificate;
    this.key = key;
  }

  /**
   * Makes an authority with a new key and an empty revocation list.
   *
   * @param name what the certificate calls it, for people
   * @param validity for how long it counts
   * @throws PkiException where the directory has an authority, or cannot be written
   */
  public static CertificateAuthority create(
      Path directory, String name, Duration validity, InstantSource clock) {
    if (!NAME.matcher(name).matches()) {
      throw new PkiException(
          "'%s' cannot name an authority: use up to 64 printable characters".formatted(name));
    }
    PrivateFiles.directory(directory);
    try (DirectoryLock _ = DirectoryLock.take(directory)) {
      for (String file : List.of(AUTHORITY_FILE, KEY_FILE, REVOCATION_FILE)) {
        if (Files.exists(directory.resolve(file))) {
          throw new PkiException(
              "%s exists: the directory has a certificate authority, and a new one would make its certificates worthless; choose another with --directory, or move it away"
                  .formatted(directory.resolve(file)));
        }
      }
      Instant now = clock.instant();
      KeyPair key = CertificateMaker.newKey();
      X509Certificate certificate =
          CertificateMaker.selfSigned(
              new CertificateMaker.Wish(
                  name, Usage.AUTHORITY, List.of(), now.minus(CLOCK_SKEW), now.plus(validity)),
              key);
      CertificateAuthority authority =
          new CertificateAuthority(directory, clock, certificate, key.getPrivate());
      PrivateFiles.write(
          Content.secret(directory.resolve(KEY_FILE), Pem.of(key)),
          Content.open(directory.resolve(AUTHORITY_FILE), Pem.of(certificate)),
          authority.list(List.of(), List.of()));
      return authority;
    }
  }

  /**
   * Opens an authority that was made before.
   *
   * @throws PkiException where there is none, or it cannot be read
   */
  public static CertificateAuthority open(Path directory, InstantSource clock) {
    if (!Files.exists(directory.resolve(KEY_FILE))) {
      throw new PkiException(
          "%s has no certificate authority; make one with 'drover pki init', or name its directory with --directory"
              .formatted(directory));
    }
    return new CertificateAuthority(
        directory,
        clock,
        Pem.certificate(directory.resolve(AUTHORITY_FILE)),
        Pem.key(directory.resolve(KEY_FILE)));
  }

  /** The authority's certificate. */
  public X509Certificate certificate() {
    return certificate;
  }

  /** The directory. */
  public Path directory() {
    return directory;
  }

  /** The revocation list's file. */
  public Path revocationFile() {
    return directory.resolve(REVOCATION_FILE);
  }

  /**
   * Makes a certificate with a new key, ready to be copied: {@code ca.pem}, and {@code server.pem}
   * and {@code server.key}, or {@code client.pem} and {@code client.key}.
   *
   * @param name what it is called, here and in the certificate
   * @param usage SERVER or CLIENT
   * @param names what it proves
   * @param validity for how long it counts; no longer than the authority does
   * @param renew true to replace the files of an earlier one, which stays valid until it ends or is
   *     revoked
   * @return directory of the files
   * @throws PkiException where the name is taken or unusable, or a file cannot be written
   */
  public Path issue(
      String name, Usage usage, List<AlternativeName> names, Duration validity, boolean renew) {
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}")) {
      throw new PkiException(
          "'%s' cannot name a certificate: use up to 64 letters, digits, '.', '-', '_' and '@'"
              .formatted(name));
    }
    String prefix =
        switch (usage) {
          case SERVER -> "server";
          case CLIENT -> "client";
          case AUTHORITY -> throw new PkiException("an authority is made, not issued");
        };
    if (names.isEmpty()) {
      throw new PkiException("a certificate without a name proves nothing");
    }
    try (DirectoryLock _ = DirectoryLock.take(directory)) {
      return issue(name, usage, prefix, names, validity, renew);
    }
  }

  private Path issue(
      String name,
      Usage usage,
      String prefix,
      List<AlternativeName> names,
      Duration validity,
      boolean renew) {
    Path target = directory.resolve(ISSUED).resolve(name);
    if (Files.exists(target.resolve(prefix + ".pem")) && !renew) {
      throw new PkiException(
          "%s exists; replace its files with --renew, or choose another name"
              .formatted(target.resolve(prefix + ".pem")));
    }
    Instant now = clock.instant();
    Instant end = now.plus(validity);
    Instant last = certificate.getNotAfter().toInstant();
    if (!now.isBefore(last)) {
      throw new PkiException("the authority itself ended at %s; make a new one".formatted(last));
    }
    KeyPair pair = CertificateMaker.newKey();
    X509Certificate made =
        maker()
            .sign(
                new CertificateMaker.Wish(
                    name, usage, names, now.minus(CLOCK_SKEW), end.isBefore(last) ? end : last),
                pair.getPublic());
    PrivateFiles.directory(directory.resolve(ARCHIVE));
    PrivateFiles.directory(target);
    // The archive first: a certificate that is not known could not be revoked.
    PrivateFiles.write(
        Content.open(directory.resolve(ARCHIVE).resolve(serial(made) + ".pem"), Pem.of(made)));
    PrivateFiles.write(
        Content.secret(target.resolve(prefix + ".key"), Pem.of(pair)),
        Content.open(target.resolve(prefix + ".pem"), Pem.of(made)),
        Content.open(target.resolve(AUTHORITY_FILE), Pem.of(certificate)));
    return target;
  }

  /** Every certificate it made, by name, then age. */
  public List<IssuedCertificate> list() {
    Path archive = directory.resolve(ARCHIVE);
    if (!Files.isDirectory(archive)) {
      return List.of();
    }
    X509CRL revoked = Pem.revocationList(revocationFile());
    try (Stream<Path> files = Files.list(archive)) {
      return files
          .filter(file -> file.toString().endsWith(".pem"))
          .map(Pem::certificate)
          .map(
              one ->
                  new IssuedCertificate(
                      one,
                      Optional.ofNullable(revoked.getRevokedCertificate(one.getSerialNumber()))
                          .map(entry -> entry.getRevocationDate().toInstant())))
          .sorted(
              Comparator.comparing(IssuedCertificate::name)
                  .thenComparing(one -> one.certificate().getNotBefore())
                  .thenComparing(IssuedCertificate::serial))
          .toList();
    } catch (IOException e) {
      throw new PkiException("%s cannot be read: %s".formatted(archive, e), e);
    }
  }

  /**
   * Revokes certificates: writes a revocation list that has them.
   *
   * @param nameOrSerial the name, for every certificate of it, or one's serial number as the list
   *     shows it
   * @return what was revoked
   * @throws PkiException where there is none that is not revoked already
   */
  public List<IssuedCertificate> revoke(String nameOrSerial) {
    try (DirectoryLock _ = DirectoryLock.take(directory)) {
      return revokeAlone(nameOrSerial);
    }
  }

  private List<IssuedCertificate> revokeAlone(String nameOrSerial) {
    List<IssuedCertificate> meant =
        list().stream()
            .filter(one -> one.name().equals(nameOrSerial) || one.serial().equals(nameOrSerial))
            .toList();
    if (meant.isEmpty()) {
      throw new PkiException(
          "no certificate has the name or serial number '%s'; 'drover pki list' shows them"
              .formatted(nameOrSerial));
    }
    List<IssuedCertificate> left = meant.stream().filter(one -> one.revoked().isEmpty()).toList();
    if (left.isEmpty()) {
      throw new PkiException("'%s' is revoked already".formatted(nameOrSerial));
    }
    Set<? extends X509CRLEntry> before =
        Optional.ofNullable(Pem.revocationList(revocationFile()).getRevokedCertificates())
            .orElse(Set.of());
    PrivateFiles.write(
        list(
            List.copyOf(before),
            left.stream().map(one -> one.certificate().getSerialNumber()).toList()));
    return left;
  }

  private Content list(List<? extends X509CRLEntry> before, List<BigInteger> revoked) {
    X509CRL list =
        maker()
            .revocationList(
                before, revoked, clock.instant(), certificate.getNotAfter().toInstant());
    return Content.open(revocationFile(), Pem.of(list));
  }

  private CertificateMaker maker() {
    return new CertificateMaker(certificate, key);
  }

  static String serial(X509Certificate certificate) {
    return certificate.getSerialNumber().toString(16);
  }
}
