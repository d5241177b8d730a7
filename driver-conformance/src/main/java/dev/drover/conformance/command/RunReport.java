package dev.drover.conformance.command;

import dev.drover.conformance.suite.ConformanceReport;
import dev.drover.conformance.suite.ConformanceTable;
import dev.drover.conformance.suite.Outcome;
import dev.drover.conformance.suite.Requirements;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * What came out of a run.
 *
 * @param uri driver under test
 * @param byRequirement the same by requirement
 * @param results case by case, in the order of the run
 * @param took time of the whole
 */
record RunReport(String uri, ConformanceReport byRequirement, List<Result> results, Duration took) {

  /** Copies the results. */
  RunReport {
    results = List.copyOf(results);
  }

  /**
   * One case, or check of the whole.
   *
   * @param id class, method and repetition of a case
   * @param title what it checks
   * @param outcome how it ended
   * @param took its time
   */
  record Result(String id, String title, Outcome outcome, Duration took) {}

  long failed() {
    return count(Outcome.Failed.class);
  }

  String summary() {
    return "%d passed, %d declared unsupported, %d failed%s in %.1f s"
        .formatted(
            count(Outcome.Passed.class),
            count(Outcome.DeclaredUnsupported.class),
            failed(),
            Outcome.BeyondReach.counted(count(Outcome.BeyondReach.class)),
            took.toMillis() / 1000.0);
  }

  private long count(Class<? extends Outcome> kind) {
    return results.stream().filter(result -> kind.isInstance(result.outcome())).count();
  }

  /**
   * Writes the form that CI servers read; what is declared unsupported or out of reach is skipped.
   */
  void writeJunit(Path file) throws IOException {
    try (Writer text = Files.newBufferedWriter(file)) {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      xml.writeStartDocument();
      xml.writeStartElement("testsuite");
      xml.writeAttribute("name", "drover conformance " + uri);
      xml.writeAttribute("tests", Integer.toString(results.size()));
      xml.writeAttribute("failures", Long.toString(failed()));
      xml.writeAttribute("errors", "0");
      xml.writeAttribute(
          "skipped",
          Long.toString(
              count(Outcome.DeclaredUnsupported.class) + count(Outcome.BeyondReach.class)));
      xml.writeAttribute("time", seconds(took));
      for (Result result : results) {
        write(xml, result);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException(e);
    }
  }

  private static void write(XMLStreamWriter xml, Result result) throws XMLStreamException {
    int dot = result.id().indexOf('.');
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", dot < 0 ? result.id() : result.id().substring(0, dot));
    xml.writeAttribute("name", dot < 0 ? result.title() : result.id().substring(dot + 1));
    xml.writeAttribute("time", seconds(result.took()));
    switch (result.outcome()) {
      case Outcome.Failed(String message) -> {
        xml.writeStartElement("failure");
        xml.writeAttribute("message", printable(message.lines().findFirst().orElse("")));
        xml.writeCharacters(printable(message));
        xml.writeEndElement();
      }
      case Outcome.DeclaredUnsupported(String reason) -> skipped(xml, reason);
      case Outcome.BeyondReach(String what) -> skipped(xml, what);
      case Outcome.Passed() -> {}
    }
    xml.writeEndElement();
  }

  private static void skipped(XMLStreamWriter xml, String why) throws XMLStreamException {
    xml.writeEmptyElement("skipped");
    xml.writeAttribute("message", printable(why));
  }

  /** XML has no way to write most control characters. */
  private static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?");
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.3f", time.toNanos() / 1e9);
  }

  /** Writes the table of requirements by state of the domain. */
  void writeMarkdown(Path file) throws IOException {
    try (Scratch reports = Scratch.make()) {
      var _ = byRequirement.write(reports.directory(), Requirements.read());
      Files.writeString(file, ConformanceTable.of(reports.directory()));
    }
  }
}
