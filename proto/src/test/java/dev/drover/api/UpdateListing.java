package dev.drover.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Records the compiled API as the listing the next build is held to. Additions are recorded at
 * once; a broken promise only where the caller says that breaking is meant.
 */
final class UpdateListing {

  private UpdateListing() {}

  /** Takes the listing's path and {@code additive} or {@code breaking}; exits 1 on a refusal. */
  public static void main(String[] args) throws IOException {
    if (args.length != 2 || !(args[1].equals("additive") || args[1].equals("breaking"))) {
      System.err.println("usage: UpdateListing <listing> additive|breaking");
      System.exit(2);
    }
    Path file = Path.of(args[0]);
    ApiListing now = ApiListing.of(ApiDescriptors.compiled().inPackage("drover.v1"));
    ApiListing before =
        Files.exists(file) ? ApiListing.read(file) : new ApiListing(new TreeSet<>());
    SortedSet<String> broken = before.brokenBy(now);
    broken.forEach(line -> System.out.println("- " + line));
    before.addedBy(now).forEach(line -> System.out.println("+ " + line));
    if (!broken.isEmpty() && args[1].equals("additive")) {
      System.err.println(
          "Lines marked - break clients; nothing was written. If that is meant, run"
              + " bin/update-descriptor --breaking and say so in CHANGELOG.md.");
      System.exit(1);
    }
    now.write(file);
  }
}
