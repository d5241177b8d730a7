/** Mutating calls with a request id run once; a repetition is answered from the record. */
@NullMarked
package dev.drover.server.ledger;

import org.jspecify.annotations.NullMarked;
