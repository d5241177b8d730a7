package dev.drover.qemu.journal;

import dev.drover.v1.ImageFormat;

/**
 * A change of the backing reference in an image's header, which QEMU makes when a stream or an
 * intermediate commit is finalized and which is put back where the job does not settle.
 *
 * @param node node-name of the image
 * @param path absolute path of the image
 * @param format format of the image
 * @param oldReference reference before; empty: there was nothing to pull
 * @param oldFormat format of the old backing image; unspecified where there was none
 * @param newReference reference after; empty: no backing image is left
 * @param newFormat format of the new backing image; unspecified where none is left
 */
public record HeaderRewrite(
    String node,
    String path,
    ImageFormat format,
    String oldReference,
    ImageFormat oldFormat,
    String newReference,
    ImageFormat newFormat) {}
