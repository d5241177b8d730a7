package dev.drover.conformance;

import java.util.Set;

/**
 * What an image file says of itself.
 *
 * @param exists whether there is a file; the other parts are empty where there is none
 * @param backingReference the image below as the header names it; empty where it names none
 * @param moments names of the moments that it keeps inside itself
 */
public record ImageView(boolean exists, String backingReference, Set<String> moments) {

  /** Copies the names. */
  public ImageView {
    moments = Set.copyOf(moments);
  }

  /** The view of a file that is not there. */
  public static ImageView missing() {
    return new ImageView(false, "", Set.of());
  }
}
