/**
 * The driver behind {@code qemu:///system} and {@code qemu:///session}: domains as QEMU processes
 * that outlive the daemon, and block jobs whose journal survives it.
 */
@NullMarked
package dev.drover.qemu;

import org.jspecify.annotations.NullMarked;
