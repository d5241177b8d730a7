package dev.drover.spi.block;

import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;

/** Reads libvirt's older call as what it is: a pull, or a copy (E1 to E10, E17). */
public final class RebaseRequests {

  private RebaseRequests() {}

  /** The pull that a rebase without copy means. */
  public static BlockPullRequest pull(BlockRebaseRequest request) {
    BlockPullRequest.Builder pull =
        BlockPullRequest.newBuilder()
            .setDomain(request.getDomain())
            .setDisk(request.getDisk())
            .setKeepRelative(request.getKeepRelative())
            .setJobId(request.getJobId())
            .setRequestId(request.getRequestId())
            .setValidateOnly(request.getValidateOnly());
    if (request.hasBase()) {
      pull.setBase(request.getBase());
    }
    if (request.hasBandwidth()) {
      pull.setBandwidth(request.getBandwidth());
    }
    return pull.build();
  }

  /**
   * The copy that a rebase with copy means. The destination is raw where the request says so, and
   * of the active image's format otherwise: nothing is probed (E3, E4, E12).
   */
  public static BlockCopyRequest copy(BlockRebaseRequest request, ChainImage active) {
    ImageFormat format = request.getCopyRaw() ? ImageFormat.IMAGE_FORMAT_RAW : active.getFormat();
    BlockCopyRequest.Builder copy =
        BlockCopyRequest.newBuilder()
            .setDomain(request.getDomain())
            .setDisk(request.getDisk())
            .setDestination(Image.newBuilder().setPath(request.getBase()).setFormat(format))
            .setShallow(request.getShallow())
            .setReuseExternal(request.getReuseExternal())
            .setJobId(request.getJobId())
            .setRequestId(request.getRequestId())
            .setValidateOnly(request.getValidateOnly());
    if (request.hasBandwidth()) {
      copy.setBandwidth(request.getBandwidth());
    }
    return copy.build();
  }
}
