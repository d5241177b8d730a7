/**
 * What stands between the transport and a driver: the checks of every call, in one fixed order,
 * driven by the options of the API.
 */
@NullMarked
package dev.drover.server.guard;

import org.jspecify.annotations.NullMarked;
