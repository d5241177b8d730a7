/** Watches under strain: clients that lose their connection all the time, and many of them (R6). */
@NullMarked
package dev.drover.dist.watch;

import org.jspecify.annotations.NullMarked;
