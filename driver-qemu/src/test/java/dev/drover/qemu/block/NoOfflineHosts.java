package dev.drover.qemu.block;

import dev.drover.qemu.image.CheckedChain;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A host on which no program works on images of shut-off domains. */
final class NoOfflineHosts implements OfflineHosts {

  @Override
  public boolean available() {
    return false;
  }

  @Override
  public BlockHost prepare(Domain domain, Disk disk, CheckedChain chain, String jobId) {
    throw new UnsupportedOperationException("nothing is available");
  }

  @Override
  public void adopt(Set<String> jobIds) {}

  @Override
  public Optional<BlockHost> find(String jobId) {
    return Optional.empty();
  }

  @Override
  public List<OpenDisk> open() {
    return List.of();
  }
}
