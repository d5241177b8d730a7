package dev.drover.api.reference;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes the calls of a service: what they need, take, answer and raise. */
final class Calls {

  static final String ERRORS_OF_EVERY_CALL = "Errors of every call";
  static final String ERRORS_OF_EVERY_START = "Errors of every call that starts a job";

  private static final Pattern REASON =
      Pattern.compile("(?<reason>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)(?: \\((?<note>.*)\\))?");

  private static final Pattern CONDITION = Pattern.compile("(with|for) ");

  private final Contract contract;
  private final Page page;

  Calls(Contract contract, Page page) {
    this.contract = contract;
    this.page = page;
  }

  /** Adds all calls of a service. */
  void add(ServiceDescriptor service) {
    Comment comment = contract.comment(service);
    if (!comment.everyCall().isEmpty()) {
      page.block("## " + ERRORS_OF_EVERY_CALL);
      comment.everyCall().forEach(this::errors);
    }
    if (!comment.everyStart().isEmpty()) {
      page.block("## " + ERRORS_OF_EVERY_START);
      comment.everyStart().forEach(this::errors);
    }
    page.block("## Calls");
    page.table(
        List.of("call", "what it does", "permission", "effect"),
        service.getMethods().stream()
            .map(
                method ->
                    List.of(
                        page.markdown().link(method.getName(), contract.places().of(method)),
                        page.markdown().text(summary(method)),
                        permission(method),
                        effect(method)))
            .toList());
    service.getMethods().forEach(this::add);
  }

  private void add(MethodDescriptor method) {
    Comment comment = contract.comment(method);
    page.block("### " + method.getName());
    page.block(String.join(" · ", facts(method)));
    page.about(method, comment.text());
    Types types = new Types(contract, page);
    types.add(method.getInputType(), "####");
    types.add(method.getOutputType(), "####");
    String inherited = inherited(method);
    if (comment.errors().isEmpty()) {
      page.block("**Errors:** " + inherited + ".");
    } else {
      page.block("**Errors**" + (inherited.isEmpty() ? ":" : ", beside " + inherited + ":"));
      comment.errors().forEach(this::errors);
    }
  }

  private List<String> facts(MethodDescriptor method) {
    List<String> facts = new ArrayList<>();
    facts.add("Permission " + permission(method));
    facts.add(effect(method));
    if (has(method, "request_id")) {
      facts.add("can be repeated with the same `request_id`");
    } else if (!contract.mutates(method)) {
      facts.add("can be repeated");
    }
    if (has(method, "validate_only")) {
      facts.add("can be tried with `validate_only`");
    }
    if (has(method, "page_token")) {
      facts.add("answers pages");
    }
    if (method.isServerStreaming()) {
      facts.add("streams its answers");
    }
    if (ErrorLists.startsJob(method)) {
      facts.add(
          "starts a "
              + contract
                  .places()
                  .named("Job")
                  .map(place -> page.markdown().link("Job", place))
                  .orElse("job"));
    }
    return facts;
  }

  private String permission(MethodDescriptor method) {
    String permission = contract.rule(method).getPermission();
    return page.markdown()
        .link(permission, new Place(Places.PERMISSIONS, Places.anchor(permission)));
  }

  private String effect(MethodDescriptor method) {
    return contract.mutates(method) ? "changes" : "reads";
  }

  /** The first sentence without the call's own name, which stands beside it. */
  private String summary(MethodDescriptor method) {
    String sentence = contract.comment(method).firstSentence();
    String name = method.getName() + " ";
    return sentence.startsWith(name) ? sentence.substring(name.length()) : sentence;
  }

  private String inherited(MethodDescriptor method) {
    Comment service = contract.comment(method.getService());
    List<String> links = new ArrayList<>();
    if (!service.everyCall().isEmpty()) {
      links.add("[those of every call](#%s)".formatted(Places.anchor(ERRORS_OF_EVERY_CALL)));
    }
    if (!service.everyStart().isEmpty() && ErrorLists.startsJob(method)) {
      links.add(
          "[those of every call that starts a job](#%s)"
              .formatted(Places.anchor(ERRORS_OF_EVERY_START)));
    }
    return String.join(" and ", links);
  }

  /**
   * A list of errors: one entry a line, where those without a note share the first. A part after a
   * semicolon that begins with a condition keeps its entries together.
   */
  private void errors(String list) {
    List<String> alone = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (String part : ErrorLists.split(list, ";")) {
      int first = contract.errors().firstReason(part);
      if (CONDITION.matcher(part).lookingAt() && first > 0) {
        lines.add(
            page.markdown().text(part.substring(0, first).strip())
                + ":\n"
                + nested(part.substring(first)));
      } else {
        ErrorLists.split(part, ",").forEach(entry -> error(entry, alone, lines));
      }
    }
    if (!alone.isEmpty()) {
      lines.addFirst(String.join(", ", alone));
    }
    page.block(String.join("\n", lines.stream().map(line -> "- " + line).toList()));
  }

  /** Entries that hold under one condition, below it. */
  private String nested(String part) {
    List<String> alone = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    ErrorLists.split(part, ",").forEach(entry -> error(entry, alone, lines));
    lines.addAll(0, alone);
    return String.join("\n", lines.stream().map(line -> "  - " + line).toList());
  }

  private void error(String entry, List<String> alone, List<String> lines) {
    Matcher named = REASON.matcher(entry);
    if (!named.matches()) {
      lines.add(page.markdown().text(entry));
    } else if (named.group("note") == null) {
      alone.add(reason(entry));
    } else {
      lines.add(reason(named.group("reason")) + ": " + page.markdown().text(named.group("note")));
    }
  }

  private String reason(String word) {
    return contract
        .places()
        .named(word)
        .map(place -> page.markdown().link(word, place))
        .orElse(Markdown.code(word));
  }

  private static boolean has(MethodDescriptor method, String field) {
    return method.getInputType().findFieldByName(field) != null;
  }
}
