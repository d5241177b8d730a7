package dev.drover.spi.block;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a commit will do to a chain (section 1C).
 *
 * @param before the chain as it is
 * @param top highest image whose data moves
 * @param base image that receives the data
 * @param overlay image directly above top, whose header will name base; empty where top is active
 * @param backingReference what that header will say; empty where there is none to rewrite
 * @param after the chain after success
 * @param invalidated images that no longer hold a usable view afterwards, from the top down (C9)
 * @param twoPhase true for the active image of a running domain: the job waits in READY (D3)
 */
public record CommitPlan(
    Chain before,
    ChainImage top,
    ChainImage base,
    Optional<ChainImage> overlay,
    String backingReference,
    Chain after,
    List<ChainImage> invalidated,
    boolean twoPhase) {

  /**
   * Plans a commit.
   *
   * @param running true where the domain is running or paused
   * @throws DriverException IMAGE_NOT_IN_CHAIN, TOP_HAS_NO_BACKING, BASE_NOT_BELOW_TOP,
   *     ACTIVE_COMMIT_REQUIRED, TOP_NOT_ACTIVE, RELATIVE_BACKING_IMPOSSIBLE, JOB_KIND_INVALID
   */
  public static CommitPlan of(Chain chain, BlockCommitRequest request, boolean running) {
    ChainImage top = request.hasTop() ? chain.find(request.getTop()) : chain.active();
    boolean activeLayer = top.getIndex() == 0;
    if (activeLayer && running && !request.getActive()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_ACTIVE_COMMIT_REQUIRED,
          "commit of the active image of disk '%s' requires active; or name another top"
              .formatted(chain.disk()),
          "domain",
          chain.domain(),
          "disk",
          chain.disk());
    }
    if (!activeLayer && request.getActive()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_TOP_NOT_ACTIVE,
          "active commit requested, but '%s' is not the active image of disk '%s'"
              .formatted(top.getPath(), chain.disk()),
          "domain",
          chain.domain(),
          "disk",
          chain.disk(),
          "image",
          top.getPath());
    }
    ChainImage below =
        chain
            .below(top)
            .orElseThrow(
                () ->
                    DriverException.of(
                        ErrorReason.ERROR_REASON_TOP_HAS_NO_BACKING,
                        "top '%s' in the chain of disk '%s' has no backing image to commit into"
                            .formatted(top.getPath(), chain.disk()),
                        "domain",
                        chain.domain(),
                        "disk",
                        chain.disk(),
                        "top",
                        top.getPath()));
    ChainImage base = base(chain, request, below);
    if (base.getIndex() <= top.getIndex()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BASE_NOT_BELOW_TOP,
          "base '%s' is not below top '%s' in the chain of disk '%s'"
              .formatted(base.getPath(), top.getPath(), chain.disk()),
          "domain",
          chain.domain(),
          "disk",
          chain.disk(),
          "base",
          base.getPath(),
          "top",
          top.getPath());
    }
    boolean twoPhase = activeLayer && running;
    boolean mirrors =
        request.getAutoComplete() != JobCompletion.JOB_COMPLETION_UNSPECIFIED
            || request.hasConvergence();
    if (mirrors && !activeLayer) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_JOB_KIND_INVALID,
          "auto_complete and convergence are for commits of the active image; this one ends by"
              + " itself",
          "disk",
          chain.disk());
    }
    if (!twoPhase && request.getAutoComplete() == JobCompletion.JOB_COMPLETION_KEEP) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_JOB_KIND_INVALID,
          ("domain '%s' does not run, so the commit of disk '%s' ends by itself on base and cannot"
                  + " keep the active image; leave out auto_complete")
              .formatted(chain.domain(), chain.disk()),
          "disk",
          chain.disk());
    }
    Optional<ChainImage> overlay = chain.above(top);
    String reference =
        overlay.map(upper -> chain.reference(upper, base, request.getKeepRelative())).orElse("");
    return new CommitPlan(
        chain,
        top,
        base,
        overlay,
        reference,
        after(chain, top, base, reference),
        List.copyOf(chain.between(top, base)),
        twoPhase);
  }

  /** Kind of the job. */
  public JobKind kind() {
    return twoPhase ? JobKind.JOB_KIND_ACTIVE_COMMIT : JobKind.JOB_KIND_COMMIT;
  }

  /** What the job records of the request. */
  public JobRequest request(BlockCommitRequest request) {
    JobRequest.Builder resolved =
        JobRequest.newBuilder()
            .setBase(base.getPath())
            .setTop(top.getPath())
            .setDelete(request.getDelete())
            .setShallow(request.getShallow())
            .setOnError(request.getOnError());
    if (twoPhase) {
      resolved.setConvergence(Convergences.resolved(request.getConvergence()));
    }
    return resolved.build();
  }

  private static ChainImage base(Chain chain, BlockCommitRequest request, ChainImage below) {
    if (request.hasBase()) {
      return chain.find(request.getBase());
    }
    return request.getShallow() ? below : chain.bottom();
  }

  private static Chain after(Chain chain, ChainImage top, ChainImage base, String reference) {
    List<ChainImage> images = new ArrayList<>(chain.images().subList(0, top.getIndex()));
    if (!images.isEmpty()) {
      ChainImage overlay = images.removeLast();
      images.add(overlay.toBuilder().setBackingReference(reference).build());
    }
    images.addAll(chain.images().subList(base.getIndex(), chain.images().size()));
    return new Chain(chain.domain(), chain.disk(), images);
  }
}
