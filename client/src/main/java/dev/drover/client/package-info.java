/** The Java client library. It knows nothing of the command line, which is one of its users. */
@NullMarked
package dev.drover.client;

import org.jspecify.annotations.NullMarked;
