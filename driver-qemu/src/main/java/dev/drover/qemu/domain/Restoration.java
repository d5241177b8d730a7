package dev.drover.qemu.domain;

import dev.drover.v1.DomainSpec;
import java.util.function.Consumer;

/**
 * How a QEMU begins whose guest goes on from its memory.
 *
 * @param spec what the guest ran as, which need not be the domain's definition of now
 * @param incoming whether QEMU waits for its memory from outside before it is a machine at all
 * @param feed gives a QEMU that waits for it the memory, and returns when it has all of it
 */
public record Restoration(DomainSpec spec, boolean incoming, Consumer<LiveDomain> feed) {}
