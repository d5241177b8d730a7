package dev.drover.api.reference;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.drover.api.ApiDescriptors;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The pages of the reference.
 *
 * @param pages text by file name
 */
record Reference(SortedMap<String, String> pages) {

  /** What clients are promised before what tests use, by name within. */
  private static final Comparator<FileDescriptor> PROMISED_FIRST =
      Comparator.comparing((FileDescriptor file) -> !file.getPackage().equals("drover.v1"))
          .thenComparing(FileDescriptor::getName);

  Reference {
    pages = Collections.unmodifiableSortedMap(new TreeMap<>(pages));
  }

  /**
   * Writes all pages.
   *
   * @param introduction Markdown with which the index begins
   * @param security lines of docs/security.md, whose table has the roles
   */
  static Reference of(ApiDescriptors api, String introduction, List<String> security) {
    Contract contract =
        Contract.of(new ApiDescriptors(api.files().stream().sorted(PROMISED_FIRST).toList()));
    SortedMap<String, String> pages = new TreeMap<>();
    SortedMap<String, List<FileDescriptor>> subjects =
        contract.api().files().stream()
            .collect(Collectors.groupingBy(Places::page, TreeMap::new, Collectors.toList()));
    subjects.remove(Places.ERRORS);
    subjects.remove(Places.PERMISSIONS);
    subjects.forEach((name, files) -> pages.put(name, SubjectPage.write(contract, name, files)));
    pages.put(Places.ERRORS, ErrorsPage.write(contract));
    pages.put(Places.CAPABILITIES, CapabilitiesPage.write(contract));
    Roles roles = Roles.read(security, PermissionsPage.declared(contract));
    pages.put(Places.PERMISSIONS, PermissionsPage.write(contract, roles));
    pages.put(Places.INDEX, index(contract, introduction, subjects));
    return new Reference(pages);
  }

  private static String index(
      Contract contract, String introduction, Map<String, List<FileDescriptor>> subjects) {
    Page page = new Page(Places.INDEX, contract.places(), "API reference");
    page.block(introduction.strip());
    page.block("## Services");
    page.table(
        List.of("service", "what it is for", "calls"),
        contract.api().services().map(service -> row(contract, page, service)).toList());
    page.block("## Other pages");
    StringBuilder others = new StringBuilder();
    subjects.forEach(
        (name, files) -> {
          if (SubjectPage.services(files).findAny().isEmpty()) {
            others.append("- [%s](%s)\n".formatted(SubjectPage.title(name, files), name));
          }
        });
    others.append("- [Errors](errors.md): every reason, with what to do about it\n");
    others.append("- [Permissions](permissions.md): which call needs which, and who has it\n");
    others.append(
        "- [Capabilities](capabilities.md): what a driver may or may not be able to do\n");
    page.block(others.toString().strip());
    return page.finish();
  }

  private static List<String> row(Contract contract, Page page, ServiceDescriptor service) {
    String sentence = contract.comment(service).firstSentence();
    String name = service.getName() + " ";
    return List.of(
        page.markdown().link(service.getName(), contract.places().of(service)),
        page.markdown()
            .text(sentence.startsWith(name) ? sentence.substring(name.length()) : sentence),
        service.getMethods().stream()
            .map(method -> page.markdown().link(method.getName(), contract.places().of(method)))
            .collect(Collectors.joining(", ")));
  }
}
