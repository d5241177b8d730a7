package dev.drover.client;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads a list that the API gives in pages. */
final class Pages {
  private Pages() {}

  /**
   * Reads all pages.
   *
   * @param read answers the page of a token
   * @param items the items of a page
   * @param next token of the page after; empty at the end
   */
  static <P, T> List<T> all(
      Function<String, P> read, Function<P, List<T>> items, Function<P, String> next) {
    List<T> all = new ArrayList<>();
    String token = "";
    do {
      P page = read.apply(token);
      all.addAll(items.apply(page));
      token = next.apply(page);
    } while (!token.isEmpty());
    return List.copyOf(all);
  }
}
