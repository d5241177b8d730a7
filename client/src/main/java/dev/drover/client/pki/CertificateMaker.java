package dev.drover.client.pki;

import dev.drover.client.pki.AlternativeName.Kind;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates and revocation lists. The JDK reads both, but makes neither. */
public final class CertificateMaker {

  private static final int SERIAL_BITS = 127;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final X509Certificate authority;
  private final PrivateKey authorityKey;

  /**
   * Signs with an authority.
   *
   * @param authority its certificate
   * @param authorityKey its key
   */
  public CertificateMaker(X509Certificate authority, PrivateKey authorityKey) {
    this.authority = authority;
    this.authorityKey = authorityKey;
  }

  /**
   * What a certificate is to say.
   *
   * @param commonName name for people
   * @param usage what it is for
   * @param names what it proves
   * @param notBefore when it begins to count
   * @param notAfter when it ends
   */
  public record Wish(
      String commonName,
      Usage usage,
      List<AlternativeName> names,
      Instant notBefore,
      Instant notAfter) {

    /** Copies the list. */
    public Wish {
      names = List.copyOf(names);
    }
  }

  /** A new key on the curve P-256, which every TLS 1.3 program knows. */
  public static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new PkiException("the JDK makes no key on the curve P-256: " + e.getMessage(), e);
    }
  }

  /** A certificate that signs itself: the beginning of an authority. */
  public static X509Certificate selfSigned(Wish wish, KeyPair key) {
    org.bouncycastle.asn1.x500.X500Name name = subject(wish);
    try {
      return finish(
          new JcaX509v3CertificateBuilder(
              name,
              serial(),
              Date.from(wish.notBefore()),
              Date.from(wish.notAfter()),
              name,
              key.getPublic()),
          wish,
          key.getPublic(),
          key.getPublic(),
          key.getPrivate());
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw failed(e);
    }
  }

  /** A certificate signed by the authority. */
  public X509Certificate sign(Wish wish, PublicKey key) {
    try {
      return finish(
          new JcaX509v3CertificateBuilder(
              authority.getSubjectX500Principal(),
              serial(),
              Date.from(wish.notBefore()),
              Date.from(wish.notAfter()),
              new X500Principal(subject(wish).getEncoded()),
              key),
          wish,
          key,
          authority.getPublicKey(),
          authorityKey);
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw failed(e);
    }
  }

  /**
   * A revocation list.
   *
   * @param before entries of the list that this one replaces
   * @param revoked serial numbers to add
   * @param now date of the list and of the new entries
   * @param until when readers must have a newer one
   */
  public X509CRL revocationList(
      Collection<? extends X509CRLEntry> before,
      Collection<BigInteger> revoked,
      Instant now,
      Instant until) {
    JcaX509v2CRLBuilder builder =
        new JcaX509v2CRLBuilder(authority.getSubjectX500Principal(), Date.from(now));
    builder.setNextUpdate(Date.from(until));
    before.forEach(
        entry ->
            builder.addCRLEntry(
                entry.getSerialNumber(), entry.getRevocationDate(), CRLReason.unspecified));
    revoked.forEach(serial -> builder.addCRLEntry(serial, Date.from(now), CRLReason.unspecified));
    try {
      return Pem.revocationList(builder.build(signer(authorityKey)).getEncoded());
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw failed(e);
    }
  }

  private static X509Certificate finish(
      JcaX509v3CertificateBuilder builder,
      Wish wish,
      PublicKey key,
      PublicKey authority,
      PrivateKey signing)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
    builder
        .addExtension(
            Extension.basicConstraints,
            true,
            wish.usage() == Usage.AUTHORITY ? new BasicConstraints(0) : new BasicConstraints(false))
        .addExtension(
            Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key))
        .addExtension(
            Extension.authorityKeyIdentifier,
            false,
            identifiers.createAuthorityKeyIdentifier(authority));
    switch (wish.usage()) {
      case AUTHORITY ->
          builder.addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      case SERVER -> leaf(builder, KeyPurposeId.id_kp_serverAuth);
      case CLIENT -> leaf(builder, KeyPurposeId.id_kp_clientAuth);
    }
    if (!wish.names().isEmpty()) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              wish.names().stream()
                  .map(name -> new GeneralName(tag(name.kind()), name.value()))
                  .toArray(GeneralName[]::new)));
    }
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer(signing)));
  }

  private static void leaf(JcaX509v3CertificateBuilder builder, KeyPurposeId purpose)
      throws IOException {
    builder
        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
        .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
  }

  private static int tag(Kind kind) {
    return switch (kind) {
      case DNS -> GeneralName.dNSName;
      case IP -> GeneralName.iPAddress;
      case URI -> GeneralName.uniformResourceIdentifier;
      case EMAIL -> GeneralName.rfc822Name;
    };
  }

  private static ContentSigner signer(PrivateKey key) throws OperatorCreationException {
    return new JcaContentSignerBuilder("SHA256with" + (isRsa(key) ? "RSA" : "ECDSA")).build(key);
  }

  private static boolean isRsa(PrivateKey key) {
    return key.getAlgorithm().equals("RSA");
  }

  private static org.bouncycastle.asn1.x500.X500Name subject(Wish wish) {
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, wish.commonName()).build();
  }

  private static BigInteger serial() {
    return new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS - 1);
  }

  private static PkiException failed(Exception cause) {
    return new PkiException("the certificate cannot be made: " + cause.getMessage(), cause);
  }
}
