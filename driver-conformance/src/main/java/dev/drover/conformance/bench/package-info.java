/**
 * The workbench of one case: calls with a deadline, domains and backing chains with known contents,
 * refusals read as the API documents them, the comparison of chain, headers, stored definition and
 * contents, and the removal of everything the case made.
 */
@NullMarked
package dev.drover.conformance.bench;

import org.jspecify.annotations.NullMarked;
