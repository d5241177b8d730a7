package dev.drover.client.pki;

/** What a certificate is for; one kind is never accepted as another. */
public enum Usage {
  /** Signs other certificates and the revocation list. */
  AUTHORITY,
  /** Proves a daemon to its clients. */
  SERVER,
  /** Proves a client to a daemon. */
  CLIENT
}
