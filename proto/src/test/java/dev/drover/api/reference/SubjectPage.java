package dev.drover.api.reference;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the page of one subject: its service, and the types of its files. */
final class SubjectPage {

  private SubjectPage() {}

  static String write(Contract contract, String name, List<FileDescriptor> files) {
    Page page = new Page(name, contract.places(), title(name, files));
    page.block(
        "[API reference](README.md) · package `%s` · %s"
            .formatted(
                files.getFirst().getPackage(),
                files.stream().map(SubjectPage::source).collect(Collectors.joining(", "))));
    Calls calls = new Calls(contract, page);
    services(files)
        .forEach(
            service -> {
              page.about(service, contract.comment(service).text());
              calls.add(service);
            });
    types(contract, page, files);
    return page.finish();
  }

  /** The service's name, or for a page of types the name of the file in words. */
  static String title(String page, List<FileDescriptor> files) {
    return services(files)
        .map(ServiceDescriptor::getName)
        .findFirst()
        .orElseGet(
            () -> {
              String words = page.replaceFirst("\\.md$", "").replace('-', ' ');
              return Character.toUpperCase(words.charAt(0)) + words.substring(1);
            });
  }

  static Stream<ServiceDescriptor> services(List<FileDescriptor> files) {
    return files.stream().flatMap(file -> file.getServices().stream());
  }

  /** Types that are not the request or the answer of one call. */
  private static void types(Contract contract, Page page, List<FileDescriptor> files) {
    Set<Descriptor> ofCalls =
        services(files)
            .flatMap(service -> service.getMethods().stream())
            .flatMap(method -> Stream.of(method.getInputType(), method.getOutputType()))
            .collect(Collectors.toSet());
    List<Descriptor> messages =
        files.stream()
            .flatMap(file -> file.getMessageTypes().stream())
            .filter(message -> !ofCalls.contains(message))
            .toList();
    Types types = new Types(contract, page);
    if (!messages.isEmpty()) {
      page.block("## Messages");
      messages.forEach(message -> types.add(message, "###"));
    }
    List<EnumDescriptor> enums =
        files.stream()
            .flatMap(file -> file.getEnumTypes().stream())
            .filter(type -> Places.page(type).equals(page.name()))
            .toList();
    if (!enums.isEmpty()) {
      page.block("## Enums");
      enums.forEach(type -> types.add(type, "###"));
    }
  }

  private static String source(FileDescriptor file) {
    String base = file.getName().substring(file.getName().lastIndexOf('/') + 1);
    return "[`%s`](../../proto/src/main/proto/%s)".formatted(base, file.getName());
  }
}
