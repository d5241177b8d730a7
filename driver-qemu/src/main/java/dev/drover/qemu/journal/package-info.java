/**
 * The driver's write-ahead journal of block jobs: for each job that has not ended, everything that
 * is needed to carry it on, or to put the images back, whoever of QEMU, the daemon and the host has
 * died meanwhile (R2, R8). An entry is written together with the job's public record, in one
 * transaction, before the QMP command whose effect it describes.
 */
@NullMarked
package dev.drover.qemu.journal;

import org.jspecify.annotations.NullMarked;
