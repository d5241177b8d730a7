package dev.drover.api.reference;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes permissions.md: every permission with its calls and the roles that have it. */
final class PermissionsPage {

  private static final String INTRODUCTION =
      "Every call needs one permission, and one that is not given is denied. Who has which is in"
          + " the policy file of the daemon, described in"
          + " [security.md](../security.md#permissions): it binds the roles below, or roles of"
          + " one's own, to callers, on the whole host or on some domains. Without a policy file"
          + " the user the daemon runs as and root may do everything, and nobody else anything.";

  private final Contract contract;
  private final Roles roles;
  private final Page page;

  private PermissionsPage(Contract contract, Roles roles, Page page) {
    this.contract = contract;
    this.roles = roles;
    this.page = page;
  }

  static String write(Contract contract, Roles roles) {
    Page page = new Page(Places.PERMISSIONS, contract.places(), "Permissions");
    new PermissionsPage(contract, roles, page).write();
    return page.finish();
  }

  /** The permissions that the rules of the API declare. */
  static Set<String> declared(Contract contract) {
    return contract
        .api()
        .methods()
        .map(method -> contract.rule(method).getPermission())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void write() {
    page.block("[API reference](README.md)");
    page.block(INTRODUCTION);
    Set<String> permissions = new TreeSet<>(declared(contract));
    permissions.addAll(roles.all());
    List<String> columns = new ArrayList<>(List.of("permission"));
    columns.addAll(roles.permissions().sequencedKeySet());
    page.table(columns, permissions.stream().map(this::row).toList());
    permissions.forEach(this::write);
    page.block("## How the API declares it");
    Types types = new Types(contract, page);
    contract
        .api()
        .messages()
        .filter(message -> Places.page(message.getFile()).equals(page.name()))
        .forEach(message -> types.add(message, "###"));
    contract
        .api()
        .enums()
        .filter(type -> Places.page(type).equals(page.name()))
        .forEach(type -> types.add(type, "###"));
    page.block("### Options");
    page.table(
        List.of("option", "of", "meaning"), contract.api().extensions().map(this::option).toList());
  }

  private List<String> option(FieldDescriptor option) {
    return List.of(
        Markdown.code(option.getFullName()),
        Markdown.code(option.getContainingType().getFullName()),
        page.markdown().text(contract.comment(option).line()));
  }

  private List<String> row(String permission) {
    List<String> cells = new ArrayList<>();
    cells.add(page.markdown().link(permission, new Place(page.name(), Places.anchor(permission))));
    roles.permissions().forEach((name, has) -> cells.add(has.contains(permission) ? "yes" : ""));
    return cells;
  }

  private void write(String permission) {
    page.block("## " + permission);
    List<List<String>> calls =
        contract
            .api()
            .methods()
            .filter(method -> contract.rule(method).getPermission().equals(permission))
            .map(this::call)
            .toList();
    if (!calls.isEmpty()) {
      page.table(List.of("call", "effect"), calls);
    }
    List<String> others =
        contract
            .naming(permission)
            .filter(element -> !contract.places().of(element).page().equals(page.name()))
            .map(this::link)
            .toList();
    if (!others.isEmpty()) {
      page.block("Told of at " + String.join(", ", others) + ".");
    }
  }

  private List<String> call(MethodDescriptor method) {
    return List.of(link(method), contract.mutates(method) ? "changes" : "reads");
  }

  private String link(GenericDescriptor element) {
    return page.markdown().link(element.getName(), contract.places().of(element));
  }
}
