/**
 * The QEMU Machine Protocol: one connection per QEMU process, all of them served by one selector
 * thread. Commands are records that know their arguments, their result and how long they may take;
 * a lost connection, a deadline and an error reply are three different exceptions because the
 * caller must act differently on each. Events reach bounded subscriptions that end with an explicit
 * reason. The one command that can crash QEMU, {@code query-named-block-nodes} beside a concluded
 * stream job, is refused here so that no caller has to remember it. Nothing in this package knows
 * domains, disks or jobs of the daemon.
 */
@NullMarked
package dev.drover.qemu.qmp;

import org.jspecify.annotations.NullMarked;
