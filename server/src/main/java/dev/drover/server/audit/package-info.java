/** One record for every call that changes something, refused ones included. */
@NullMarked
package dev.drover.server.audit;

import org.jspecify.annotations.NullMarked;
