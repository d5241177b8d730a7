package dev.drover.dist.man;

import java.time.LocalDate;

/**
 * What all pages of one release have in common.
 *
 * @param version of Drover
 * @param date of the release
 */
record PageMaker(String version, LocalDate date) {
  Roff page(String name, int section, String summary) {
    return new Roff(name, section, date, version, summary);
  }
}
