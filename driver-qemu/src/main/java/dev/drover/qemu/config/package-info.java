/**
 * From a typed spec to QEMU's command line, and the driver's own settings. Values of clients reach
 * QEMU as JSON or with their commas doubled, so that none of them can become an option.
 */
@NullMarked
package dev.drover.qemu.config;

import org.jspecify.annotations.NullMarked;
