/**
 * What a hypervisor driver implements. A driver sees this package and the API messages, and nothing
 * of the daemon: no gRPC, no Netty, no Guice, no other driver.
 */
@NullMarked
package dev.drover.spi;

import org.jspecify.annotations.NullMarked;
