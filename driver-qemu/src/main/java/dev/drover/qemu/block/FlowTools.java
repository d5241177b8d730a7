package dev.drover.qemu.block;

import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImageTool;
import dev.drover.spi.activity.Activities;

/**
 * What every flow works with.
 *
 * @param definitions moves stored and live definitions
 * @param ends writes terminal states
 * @param reader reads headers
 * @param tool rewrites headers of images that no process has open
 * @param groups jobs that end at one moment with others
 * @param activities hears what is done for which job
 */
record FlowTools(
    Definitions definitions,
    JobEnds ends,
    ChainReader reader,
    ImageTool tool,
    GroupEnds groups,
    Activities activities) {}
