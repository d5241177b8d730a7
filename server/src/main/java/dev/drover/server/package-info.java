/** The daemon: how a call comes in, who may make it, which driver answers it. */
@NullMarked
package dev.drover.server;

import org.jspecify.annotations.NullMarked;
