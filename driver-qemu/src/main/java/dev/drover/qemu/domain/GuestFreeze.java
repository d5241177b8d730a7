package dev.drover.qemu.domain;

/**
 * That the file systems of a guest are frozen for somebody. Whoever has it closes it whatever
 * happens; where the guest's agent does not thaw them then, that is tried again until it does, or
 * the guest has ended.
 */
public interface GuestFreeze extends AutoCloseable {

  /**
   * Whether the guest's agent said that it froze at least one file system. False too where that is
   * not known, since they were frozen for somebody else before.
   */
  boolean frozeAny();

  /** Thaws the file systems, unless they are frozen for somebody else too. Never fails. */
  @Override
  void close();
}
