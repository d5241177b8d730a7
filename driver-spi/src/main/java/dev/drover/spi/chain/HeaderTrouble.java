package dev.drover.spi.chain;

/**
 * Why a header, or what it names, cannot be used.
 *
 * @param kind what kind of trouble it is
 * @param text the trouble, for people
 */
public record HeaderTrouble(Kind kind, String text) {

  /** Kinds of trouble. */
  public enum Kind {
    /** The file is not there, or may not be read. */
    MISSING,
    /** The file is not of the format that is declared for it. */
    FORMAT,
    /** The header names something that cannot be a backing image, or leads back to itself. */
    REFERENCE
  }
}
