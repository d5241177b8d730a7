/** The gRPC services: each hands its calls to the driver facet of the same name. */
@NullMarked
package dev.drover.server.service;

import org.jspecify.annotations.NullMarked;
