/** What the daemon and its drivers are at: kept while it lasts, told to those who measure. */
@NullMarked
package dev.drover.server.activity;

import org.jspecify.annotations.NullMarked;
