package dev.drover.api.reference;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.drover.api.ApiDescriptors;
import dev.drover.v1.Effect;
import dev.drover.v1.OptionsProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which RPC raises which error, read from the lists in the comments. A list names reasons, or other
 * RPCs and services whose lists hold too; what stands in parentheses explains and names nothing.
 */
final class ErrorLists {

  private static final Pattern NAME = Pattern.compile("\\b[A-Z][A-Za-z0-9_]+\\b");

  /** Begins a part of a list that holds for calls of one effect alone. */
  private static final String OF_CHANGES = "for calls that change something";

  private static final Pattern PARENTHESES = Pattern.compile("\\([^()]*\\)");

  private final Map<String, Comment> comments;
  private final Map<String, MethodDescriptor> methods = new HashMap<>();
  private final Map<String, ServiceDescriptor> services = new HashMap<>();
  private final Set<String> reasons;

  ErrorLists(ApiDescriptors api, Map<String, Comment> comments) {
    this.comments = comments;
    api.methods().forEach(method -> methods.put(method.getName(), method));
    api.services().forEach(service -> services.put(service.getName(), service));
    reasons =
        api.enums()
            .filter(type -> type.getName().equals("ErrorReason"))
            .flatMap(type -> type.getValues().stream())
            .filter(value -> value.getNumber() != 0)
            .map(Places::heading)
            .collect(Collectors.toSet());
  }

  /** Reasons that a call may raise: its own, those of its service, and those the lists refer to. */
  Set<String> raisedBy(MethodDescriptor method) {
    Set<String> found = new LinkedHashSet<>();
    List<String> lists = new ArrayList<>(referred(method.getName()));
    lists.addAll(comment(method.getService()).everyCall());
    collect(lists, mutates(method), found, new HashSet<>());
    return found;
  }

  /** Whether an RPC answers the job that it has started. */
  static boolean startsJob(MethodDescriptor method) {
    FieldDescriptor job = method.getOutputType().findFieldByName("job");
    return job != null
        && method.getInputType().findFieldByName("job_id") != null
        && method.getInputType().findFieldByName("domain") != null;
  }

  /** Whether a value is a reason that a list may name. */
  boolean isReason(EnumValueDescriptor value) {
    return reasons.contains(Places.heading(value));
  }

  /** The parts of a list between separators that stand outside of parentheses. */
  static List<String> split(String list, String separators) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int begin = 0;
    for (int i = 0; i < list.length(); i++) {
      char c = list.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth == 0 && separators.indexOf(c) >= 0) {
        parts.add(list.substring(begin, i).strip());
        begin = i + 1;
      }
    }
    parts.add(list.substring(begin).strip().replaceFirst("\\.$", ""));
    return parts;
  }

  /** Where the first reason of a list begins; -1: it names none. */
  int firstReason(String list) {
    return NAME.matcher(list)
        .results()
        .filter(name -> reasons.contains(name.group()))
        .map(MatchResult::start)
        .findFirst()
        .orElse(-1);
  }

  private void collect(
      List<String> lists, boolean mutates, Set<String> found, Set<String> visited) {
    for (String list : lists) {
      split(list, ";").stream()
          .filter(part -> mutates || !part.startsWith(OF_CHANGES))
          .flatMap(ErrorLists::names)
          .forEach(
              name -> {
                if (reasons.contains(name)) {
                  found.add(name);
                } else if (visited.add(name)) {
                  collect(referred(name), mutates, found, visited);
                }
              });
    }
  }

  private static boolean mutates(MethodDescriptor method) {
    return method.getOptions().getExtension(OptionsProto.rule).getEffect() == Effect.EFFECT_MUTATES;
  }

  /** The lists of an RPC or a service that another list names. */
  private List<String> referred(String name) {
    MethodDescriptor method = methods.get(name);
    if (method != null) {
      return startsJob(method)
          ? Stream.concat(
                  comment(method).errors().stream(),
                  comment(method.getService()).everyStart().stream())
              .toList()
          : comment(method).errors();
    }
    ServiceDescriptor service = services.get(name);
    return service == null ? List.of() : comment(service).everyCall();
  }

  private static Stream<String> names(String list) {
    String outside = list;
    for (String before = ""; !before.equals(outside); ) {
      before = outside;
      outside = PARENTHESES.matcher(outside).replaceAll("");
    }
    return NAME.matcher(outside).results().map(MatchResult::group);
  }

  private Comment comment(MethodDescriptor method) {
    return comments.getOrDefault(method.getFullName(), Comment.parse(""));
  }

  private Comment comment(ServiceDescriptor service) {
    return comments.getOrDefault(service.getFullName(), Comment.parse(""));
  }
}
