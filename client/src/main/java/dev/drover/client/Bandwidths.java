package dev.drover.client;

import dev.drover.v1.Bandwidth;

/** Speed limits as the API has them. */
final class Bandwidths {
  private Bandwidths() {}

  static Bandwidth mebibytes(long perSecond) {
    return Bandwidth.newBuilder().setMebibytesPerSecond(perSecond).build();
  }
}
