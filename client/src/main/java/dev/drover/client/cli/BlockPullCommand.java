package dev.drover.client.cli;

import dev.drover.client.BlockPull;
import dev.drover.client.JobHandle;
import dev.drover.v1.Job;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code drover blockpull}: copies the data of backing images up into an image above them. */
@Command(
    name = "blockpull",
    description = "Copy the data of backing images up into the active image, or one below it.")
final class BlockPullCommand extends DomainVerb {
  @Parameters(index = "1", paramLabel = "PATH", description = "Target (vda) or source of the disk.")
  private String path = "";

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "BANDWIDTH",
      description = "Speed limit in MiB/s.")
  private Optional<String> bandwidth = Optional.empty();

  @Option(
      names = "--bytes",
      description = "The bandwidth is in bytes/s; units such as 10MiB are understood.")
  private boolean bytes;

  @Option(
      names = "--base",
      paramLabel = "IMAGE",
      description = "Image to keep as backing image. Default: none.")
  private Optional<String> base = Optional.empty();

  @Option(
      names = "--into",
      paramLabel = "IMAGE",
      description = "Image that receives the data. Default: the active image.")
  private Optional<String> into = Optional.empty();

  @Option(names = "--keep-relative", description = "Refer to the base by a relative path.")
  private boolean keepRelative;

  @Mixin private final ErrorPolicyOption errors = new ErrorPolicyOption();
  @Mixin private final WaitOptions waiting = new WaitOptions();

  BlockPullCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    waiting.check(waiting.waits());
    BlockPull pull = domain().disk(path).pull();
    base.ifPresent(pull::base);
    into.ifPresent(pull::into);
    if (keepRelative) {
      pull.keepRelative();
    }
    bandwidth.map(text -> BandwidthOption.parse(text, bytes)).ifPresent(pull::bandwidth);
    pull.onError(errors.policy());
    JobHandle job = pull.start();
    if (!waiting.waits()) {
      Job begun = job.latest();
      output().done(Texts.begun("Block Pull", begun), begun);
      return;
    }
    JobWait wait = new JobWait(session(), job);
    Job ended = wait.orAbort(true, waiting);
    wait.report(ended, "Pull", "Pull complete", "Pull complete");
  }

  @Override
  String failure() {
    return "Failed to pull disk '%s' of domain '%s'".formatted(path, words());
  }
}
