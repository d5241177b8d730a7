/**
 * What a hypervisor driver implements and what the daemon lends it. A driver is found by {@link
 * java.util.ServiceLoader} through {@link dev.drover.spi.DriverProvider}, opened once for the life
 * of the daemon, and answers through facets: one interface for each service of the public API,
 * speaking the API's own messages so that nothing is mapped twice.
 *
 * <p>The sub-packages hold what every driver would otherwise write again: the errors, the durable
 * registers of domains, jobs and snapshots, and the rules that turn a request about a backing chain
 * into a plan.
 */
@NullMarked
package dev.drover.spi;

import org.jspecify.annotations.NullMarked;
