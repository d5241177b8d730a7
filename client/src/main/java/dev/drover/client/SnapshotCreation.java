package dev.drover.client;

import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.LiveMemory;
import dev.drover.v1.Quiesce;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotKind;
import dev.drover.v1.SnapshotMemory;

/**
 * Describes a snapshot and makes it. Without any setting it takes the disks alone, each of which
 * goes on in a new overlay beside its image, all at one moment (G1). Used by one thread.
 */
public final class SnapshotCreation {
  private final DomainHandle domain;
  private final CreateSnapshotRequest.Builder request;

  SnapshotCreation(DomainHandle domain, String name) {
    this.domain = domain;
    this.request = CreateSnapshotRequest.newBuilder().setName(name);
  }

  /** Text for people. Default: none. */
  public SnapshotCreation description(String text) {
    request.setDescription(text);
    return this;
  }

  /** Keeps disks, and memory where it is taken, inside the images, which must be qcow2. */
  public SnapshotCreation internal() {
    request.setKind(SnapshotKind.SNAPSHOT_KIND_INTERNAL);
    return this;
  }

  /** Takes the guest's memory too, inside an image; for {@link #internal} snapshots. */
  public SnapshotCreation memory() {
    request.setMemory(SnapshotMemory.getDefaultInstance());
    return this;
  }

  /**
   * Takes the guest's memory too.
   *
   * @param path absolute path of the file, where nothing may be yet (G8)
   */
  public SnapshotCreation memory(String path) {
    request.setMemory(SnapshotMemory.newBuilder().setPath(path));
    return this;
  }

  /** Lets the guest run on while its memory is written; for {@link #memory(String)}. */
  public SnapshotCreation live() {
    request.setLiveMemory(LiveMemory.getDefaultInstance());
    return this;
  }

  /** Freezes the guest's file systems meanwhile, by its agent (R22). */
  public SnapshotCreation quiesce() {
    request.setQuiesce(Quiesce.getDefaultInstance());
    return this;
  }

  /**
   * Lets a disk go on in this overlay. Default: one beside the image of the disk.
   *
   * @param disk target
   * @param path absolute path; the format is qcow2
   */
  public SnapshotCreation overlay(String disk, String path) {
    request.addDisks(
        SnapshotDisk.newBuilder()
            .setTarget(disk)
            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
            .setOverlay(
                Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)));
    return this;
  }

  /** Leaves a disk out. */
  public SnapshotCreation exclude(String disk) {
    request.addDisks(
        SnapshotDisk.newBuilder()
            .setTarget(disk)
            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED));
    return this;
  }

  /** Uses overlays that exist; the caller made them with the active image as backing image. */
  public SnapshotCreation reuseExternal() {
    request.setReuseExternal(true);
    return this;
  }

  /** Keeps no record; the disks change all the same. */
  public SnapshotCreation noMetadata() {
    request.setNoMetadata(true);
    return this;
  }

  /** Begins a copy of a disk at the moment of the snapshot (G12). */
  public SnapshotCreation copy(String disk, Image destination) {
    request.addCopies(BlockCopyRequest.newBuilder().setDisk(disk).setDestination(destination));
    return this;
  }

  /**
   * Checks everything and changes nothing; answers the snapshot that would be made.
   *
   * @throws DroverException as CreateSnapshot documents
   */
  public Snapshot validate() {
    return domain.snapshot(request.clone().setValidateOnly(true));
  }

  /**
   * Makes the snapshot.
   *
   * @throws DroverException as CreateSnapshot documents
   */
  public Snapshot take() {
    return takeWithCopies().getSnapshot();
  }

  /**
   * Makes the snapshot, and answers the jobs of its copies and the guest's pause too.
   *
   * @throws DroverException as CreateSnapshot documents
   */
  public CreateSnapshotResponse takeWithCopies() {
    return domain.snapshotWithCopies(request.clone());
  }
}
