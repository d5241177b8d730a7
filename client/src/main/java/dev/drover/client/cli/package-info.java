/**
 * The {@code drover} command line: virsh's verbs, options and words on top of the client library,
 * and a few of its own. What people read comes from {@link dev.drover.client.cli.Texts} and {@link
 * dev.drover.client.cli.Table}; the commands themselves only choose calls. It does nothing the
 * library could not do for any other program.
 */
@NullMarked
package dev.drover.client.cli;

import org.jspecify.annotations.NullMarked;
