package dev.drover.server.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.drover.server.config.Spelling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads the text of a policy file. What nobody knows is refused with the nearest known word and its
 * line, and all mistakes are reported together: a policy that is half understood would be a policy
 * that nobody wrote (R23).
 */
public final class PolicyReader {

  private static final String ROLES = "roles";
  private static final String BINDING = "binding";
  private static final String PERMISSIONS = "permissions";
  private static final String PRINCIPALS = "principals";
  private static final String ROLE = "role";
  private static final String DOMAINS = "domains";
  private static final String LABELS = "labels";

  private static final Pattern ROLE_NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final Pattern PRINCIPAL = Pattern.compile("uid:[0-9*?]+|x509:(uri|email|dns):.+");

  private final TomlLines lines;
  private final List<String> problems = new ArrayList<>();
  private final Map<String, Role> roles = new HashMap<>();
  private final List<Binding> bindings = new ArrayList<>();

  private PolicyReader(String toml) {
    lines = new TomlLines(toml);
    Role.BUILT_IN.forEach(role -> roles.put(role.name(), role));
  }

  /**
   * Reads a text.
   *
   * @throws PolicyException with every mistake
   */
  public static List<Binding> parse(String toml) throws PolicyException {
    PolicyReader reader = new PolicyReader(toml);
    JsonNode root;
    try {
      root = new TomlMapper().readTree(toml);
    } catch (JsonProcessingException e) {
      String where =
          Optional.ofNullable(e.getLocation())
              .map(place -> "line " + place.getLineNr() + ": ")
              .orElse("");
      throw new PolicyException(List.of(where + e.getOriginalMessage()), e);
    }
    reader.root(root);
    if (!reader.problems.isEmpty()) {
      throw new PolicyException(reader.problems, null);
    }
    return List.copyOf(reader.bindings);
  }

  private void root(JsonNode root) {
    known(root, "", List.of(ROLES, BINDING));
    JsonNode own = root.path(ROLES);
    if (own.isObject()) {
      own.properties().forEach(entry -> role(entry.getKey(), entry.getValue()));
    } else if (!own.isMissingNode()) {
      problem(ROLES, "roles are tables: write [roles.NAME]");
    }
    JsonNode list = root.path(BINDING);
    if (list.isArray()) {
      for (int i = 0; i < list.size(); i++) {
        binding(list.get(i), TomlLines.element(BINDING, i + 1));
      }
    } else if (!list.isMissingNode()) {
      problem(BINDING, "bindings are a list of tables: write [[binding]]");
    }
  }

  private void role(String name, JsonNode table) {
    String path = ROLES + "." + name;
    if (!ROLE_NAME.matcher(name).matches()) {
      problem(path, "the role's name \"%s\" must match %s".formatted(name, ROLE_NAME));
    }
    if (Role.BUILT_IN.stream().anyMatch(role -> role.name().equals(name))) {
      problem(path, "the role \"%s\" is built in; choose another name".formatted(name));
      return;
    }
    if (!table.isObject()) {
      problem(path, "a role is a table: write [roles.%s]".formatted(name));
      return;
    }
    known(table, path, List.of(PERMISSIONS));
    Set<Permission> permissions = EnumSet.noneOf(Permission.class);
    for (String entry : texts(table, path, PERMISSIONS)) {
      List<Permission> meant = Permission.matching(entry);
      if (meant.isEmpty()) {
        var names = Arrays.stream(Permission.values()).map(Permission::text).toList();
        unknown(path + "." + PERMISSIONS, "permission", entry, names);
      }
      permissions.addAll(meant);
    }
    roles.put(name, new Role(name, permissions));
  }

  private void binding(JsonNode table, String path) {
    if (!table.isObject()) {
      problem(path, "a binding is a table: write [[binding]]");
      return;
    }
    known(table, path, List.of(PRINCIPALS, ROLE, DOMAINS, LABELS));
    List<Glob> principals = new ArrayList<>();
    for (String principal : texts(table, path, PRINCIPALS)) {
      if (!PRINCIPAL.matcher(principal).matches()) {
        problem(
            lines.of(path + "." + PRINCIPALS, principal),
            "no caller is ever called \"%s\"; principals begin with uid: and a number, x509:uri:, x509:email: or x509:dns:"
                .formatted(principal));
      }
      principals.add(Glob.of(principal));
    }
    Optional<Role> role = boundRole(table, path);
    Optional<DomainSelector> limit = limit(table, path);
    role.ifPresent(bound -> bindings.add(new Binding(principals, bound, limit, lines.of(path))));
  }

  private Optional<Role> boundRole(JsonNode table, String path) {
    JsonNode name = table.path(ROLE);
    if (!name.isTextual()) {
      problem(path + "." + ROLE, "role must be the name of a role");
      return Optional.empty();
    }
    Optional<Role> role = Optional.ofNullable(roles.get(name.asText()));
    if (role.isEmpty()) {
      unknown(path + "." + ROLE, "role", name.asText(), roles.keySet());
    }
    return role;
  }

  private Optional<DomainSelector> limit(JsonNode table, String path) {
    if (!table.has(DOMAINS) && !table.has(LABELS)) {
      return Optional.empty();
    }
    List<Glob> names = new ArrayList<>();
    if (table.has(DOMAINS)) {
      texts(table, path, DOMAINS).forEach(name -> names.add(Glob.of(name)));
    }
    Map<String, String> labels = new LinkedHashMap<>();
    JsonNode wanted = table.path(LABELS);
    if (wanted.isObject() && !wanted.isEmpty()) {
      for (Map.Entry<String, JsonNode> label : wanted.properties()) {
        if (label.getValue().isTextual()) {
          labels.put(label.getKey(), label.getValue().asText());
        } else {
          problem(path + "." + LABELS, "the label \"%s\" must be a text".formatted(label.getKey()));
        }
      }
    } else if (!wanted.isMissingNode()) {
      problem(
          path + "." + LABELS,
          "labels must be a table with at least one label, such as"
              + " { team = \"a\" }; leave the key out to allow any");
    }
    return Optional.of(new DomainSelector(names, labels));
  }

  /** A list that has to be there and must not be empty: an empty one would mean none, or all. */
  private List<String> texts(JsonNode table, String path, String key) {
    JsonNode list = table.has(key) ? table.get(key) : JsonNodeFactory.instance.missingNode();
    List<String> texts = new ArrayList<>();
    if (list.isArray()) {
      list.forEach(
          element -> {
            if (element.isTextual() && !element.asText().isEmpty()) {
              texts.add(element.asText());
            } else {
              problem(path + "." + key, key + " holds something that is no text");
            }
          });
    }
    if (!list.isArray() || list.isEmpty()) {
      problem(path + "." + key, key + " must be a list of at least one text");
    }
    return texts;
  }

  private void known(JsonNode table, String path, Collection<String> keys) {
    for (Map.Entry<String, JsonNode> entry : table.properties()) {
      if (!keys.contains(entry.getKey())) {
        String place = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
        problem(place, unknown("key", entry.getKey(), keys));
      }
    }
  }

  private void unknown(String path, String what, String name, Collection<String> known) {
    problem(lines.of(path, name), unknown(what, name, known));
  }

  private static String unknown(String what, String name, Collection<String> known) {
    return "unknown %s \"%s\"".formatted(what, name)
        + Spelling.nearest(name, known)
            .map(near -> "; did you mean \"" + near + "\"?")
            .orElseGet(() -> "; known are " + String.join(", ", new TreeSet<>(known)));
  }

  private void problem(String path, String text) {
    problem(lines.of(path), text);
  }

  private void problem(int line, String text) {
    problems.add("line " + line + ": " + text);
  }
}
