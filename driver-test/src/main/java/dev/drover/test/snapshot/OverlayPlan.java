package dev.drover.test.snapshot;

import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.model.BlockImage;
import dev.drover.v1.Image;

/**
 * One disk's part in a snapshot.
 *
 * @param disk the disk
 * @param overlay image the disk goes on in
 * @param frozen image that keeps the moment
 */
record OverlayPlan(OpenDisk disk, Image overlay, BlockImage frozen) {}
