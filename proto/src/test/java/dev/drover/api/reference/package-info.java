/**
 * Writes the API reference of docs/api from the compiled descriptors: what a reader who has neither
 * the protos nor libvirt at hand needs to call the API. Run by bin/docs.
 */
@NullMarked
package dev.drover.api.reference;

import org.jspecify.annotations.NullMarked;
