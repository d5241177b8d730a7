package dev.drover.api.reference;

/**
 * A place of the reference that can be linked to.
 *
 * @param page file name of the page
 * @param anchor anchor of the heading, as GitHub makes it
 */
record Place(String page, String anchor) {

  /** The link's target as seen from a page. */
  String from(String other) {
    return (page.equals(other) ? "" : page) + "#" + anchor;
  }
}
