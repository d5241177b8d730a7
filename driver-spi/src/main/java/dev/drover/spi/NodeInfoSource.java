package dev.drover.spi;

import dev.drover.v1.NodeInfo;

/** Tells what the host is. Never blocks. */
@FunctionalInterface
public interface NodeInfoSource {

  /** The host now. */
  NodeInfo nodeInfo();
}
