/** Tests of unary calls without a channel of gRPC's. */
@NullMarked
package dev.drover.client.direct;

import org.jspecify.annotations.NullMarked;
