/** Tests of the client library against a daemon made of fakes. */
@NullMarked
package dev.drover.client;

import org.jspecify.annotations.NullMarked;
