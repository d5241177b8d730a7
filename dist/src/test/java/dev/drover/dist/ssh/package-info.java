/** The ssh transport, with the programs that are installed and a real sshd. */
@NullMarked
package dev.drover.dist.ssh;

import org.jspecify.annotations.NullMarked;
