package dev.drover.conformance.model;

import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The images that a scenario has to do with, and which of them have contents that are settled. Not
 * settled is what a job is writing to, and what one has left that was ended in its middle: how far
 * it came is nobody's promise.
 */
final class Known {

  private final Side side;
  private final Map<String, ImageFormat> files = new TreeMap<>();
  private final SortedSet<String> memories = new TreeSet<>();
  private final Map<String, String> below = new TreeMap<>();
  private final Set<String> torn = new HashSet<>();
  private final Set<String> working = new HashSet<>();

  Known(Side side) {
    this.side = side;
  }

  /** Every image, by name. */
  Map<String, ImageFormat> files() {
    return Collections.unmodifiableMap(files);
  }

  /** Every file with a guest's memory, by name. What is in it is the hypervisor's affair. */
  SortedSet<String> memories() {
    return Collections.unmodifiableSortedSet(memories);
  }

  /** Takes in what there is after a step. */
  void see(Position position) {
    position.chains().values().forEach(this::chain);
    for (Snapshot snapshot : side.bench().snapshots().list(side.domain())) {
      for (SnapshotDisk disk : snapshot.getDisksList()) {
        file(disk.getOverlay());
        file(disk.getFrozen());
      }
      if (!snapshot.getMemory().getPath().isEmpty()) {
        memories.add(side.name(snapshot.getMemory().getPath()));
      }
    }
    for (Job job : position.jobs()) {
      file(job.getRequest().getDestination());
      if (job.getState() == JobState.JOB_STATE_RUNNING) {
        working.add(job.getId());
      } else if (working.remove(job.getId()) && job.getState() != JobState.JOB_STATE_SUCCEEDED) {
        tear(job);
      }
    }
  }

  private void tear(Job job) {
    if (job.getKind() == JobKind.JOB_KIND_COPY) {
      torn.add(side.name(job.getRequest().getDestination().getPath()));
    } else if (job.getKind() != JobKind.JOB_KIND_PULL) {
      torn.add(side.name(job.getRequest().getBase()));
    }
  }

  private void chain(List<Position.Layer> chain) {
    for (int place = 0; place < chain.size(); place++) {
      files.put(chain.get(place).name(), chain.get(place).format());
      if (place + 1 < chain.size()) {
        below.put(chain.get(place).name(), chain.get(place + 1).name());
      } else {
        below.remove(chain.get(place).name());
      }
    }
  }

  private void file(Image image) {
    if (!image.getPath().isEmpty()) {
      files.put(side.name(image.getPath()), image.getFormat());
    }
  }

  /**
   * Names of the images whose contents are to be compared. Nobody can read a disk past its
   * hypervisor through images whose own view a commit takes away meanwhile.
   *
   * @param all false for those alone that disks are on
   */
  List<String> settled(Position position, boolean all) {
    List<String> settled = new ArrayList<>();
    for (String name : files.keySet()) {
      String disk = name.substring(0, Math.min(3, name.length()));
      boolean active =
          !position.chain(disk).isEmpty() && position.chain(disk).getFirst().name().equals(name);
      if (active ? !position.commits(disk) : all && !position.held(disk) && !readsTorn(name)) {
        settled.add(name);
      }
    }
    return settled;
  }

  private boolean readsTorn(String name) {
    String next = name;
    while (!next.isEmpty()) {
      if (torn.contains(next)) {
        return true;
      }
      next = below.getOrDefault(next, "");
    }
    return false;
  }
}
