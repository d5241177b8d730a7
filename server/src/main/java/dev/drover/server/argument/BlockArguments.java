package dev.drover.server.argument;

import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ListDisksRequest;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.VerifyChainRequest;

/** Rules of the requests of BlockService (A4, A5, A10, 1E). */
final class BlockArguments {

  private static final int LEAST_GRANULARITY = 512;
  private static final int MOST_GRANULARITY = 64 << 20;
  private static final long MOST_BUFFER = 1L << 30;

  private BlockArguments() {}

  static void register(ArgumentRules.Table table) {
    table
        .add(ListDisksRequest.class, request -> Argument.domain(request.getDomain()))
        .add(
            GetBackingChainRequest.class,
            request -> {
              Argument.domain(request.getDomain());
              Argument.required(request.getDisk(), "disk");
            })
        .add(
            VerifyChainRequest.class,
            request -> {
              Argument.domain(request.getDomain());
              Argument.required(request.getDisk(), "disk");
            })
        .add(
            RepairChainRequest.class,
            request -> {
              Argument.domain(request.getDomain());
              Argument.required(request.getDisk(), "disk");
              Argument.requestId(request.getRequestId());
            })
        .add(BlockPullRequest.class, BlockArguments::pull)
        .add(BlockCommitRequest.class, BlockArguments::commit)
        .add(BlockCopyRequest.class, BlockArguments::copy)
        .add(BlockRebaseRequest.class, BlockArguments::rebase);
  }

  private static void pull(BlockPullRequest request) {
    Argument.domain(request.getDomain());
    Argument.required(request.getDisk(), "disk");
    if (request.hasBase()) {
      Argument.required(request.getBase(), "base");
    }
    Argument.that(
        !request.getKeepRelative() || request.hasBase(),
        "keep_relative",
        "needs base: there is no reference to write without it");
    Argument.bandwidth(request.getBandwidth());
    Argument.newJobId(request.getJobId());
    Argument.requestId(request.getRequestId());
  }

  private static void commit(BlockCommitRequest request) {
    Argument.domain(request.getDomain());
    Argument.required(request.getDisk(), "disk");
    Argument.that(
        !(request.getShallow() && request.hasBase()),
        "base",
        "must not be set together with shallow, which chooses the base itself");
    if (request.hasBase()) {
      Argument.required(request.getBase(), "base");
    }
    if (request.hasTop()) {
      Argument.required(request.getTop(), "top");
    }
    PolicyArguments.convergence(request.getConvergence(), false);
    Argument.bandwidth(request.getBandwidth());
    Argument.newJobId(request.getJobId());
    Argument.requestId(request.getRequestId());
  }

  private static void copy(BlockCopyRequest request) {
    Argument.domain(request.getDomain());
    copied(request, "");
    Argument.requestId(request.getRequestId());
  }

  /**
   * What is copied where, and how.
   *
   * @param within the field that holds the request, with a dot; empty: it is the whole request
   */
  static void copied(BlockCopyRequest request, String within) {
    Argument.required(request.getDisk(), within + "disk");
    Argument.required(request.hasDestination(), within + "destination");
    Argument.path(request.getDestination().getPath(), within + "destination.path");
    Argument.that(
        request.getDestination().getFormat() != ImageFormat.IMAGE_FORMAT_UNSPECIFIED,
        within + "destination.format",
        "is required: formats are never guessed from contents");
    int granularity = request.getGranularityBytes();
    Argument.that(
        granularity == 0
            || (Integer.bitCount(granularity) == 1
                && granularity >= LEAST_GRANULARITY
                && granularity <= MOST_GRANULARITY),
        within + "granularity_bytes",
        "must be a power of two from " + LEAST_GRANULARITY + " to " + MOST_GRANULARITY);
    Argument.that(
        Long.compareUnsigned(request.getBufferSizeBytes(), MOST_BUFFER) <= 0,
        within + "buffer_size_bytes",
        "must be at most " + MOST_BUFFER);
    PolicyArguments.convergence(request.getConvergence(), true);
    Argument.bandwidth(request.getBandwidth());
    Argument.newJobId(request.getJobId());
  }

  private static void rebase(BlockRebaseRequest request) {
    Argument.domain(request.getDomain());
    Argument.required(request.getDisk(), "disk");
    if (request.getCopy()) {
      Argument.required(request.hasBase(), "base");
      Argument.path(request.getBase(), "base");
      Argument.that(
          !request.getKeepRelative(), "keep_relative", "is for a pull, not together with copy");
    } else {
      copyOnly(request.getShallow(), "shallow");
      copyOnly(request.getReuseExternal(), "reuse_external");
      copyOnly(request.getCopyRaw(), "copy_raw");
      if (request.hasBase()) {
        Argument.required(request.getBase(), "base");
      }
      Argument.that(
          !request.getKeepRelative() || request.hasBase(),
          "keep_relative",
          "needs base: there is no reference to write without it");
    }
    Argument.bandwidth(request.getBandwidth());
    Argument.newJobId(request.getJobId());
    Argument.requestId(request.getRequestId());
  }

  private static void copyOnly(boolean set, String field) {
    Argument.that(!set, field, "needs copy: a pull has no destination");
  }
}
