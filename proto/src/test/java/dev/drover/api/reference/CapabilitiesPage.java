package dev.drover.api.reference;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import java.util.List;

/** Writes capabilities.md: what each capability covers, and what depends on it. */
final class CapabilitiesPage {

  private CapabilitiesPage() {}

  static String write(Contract contract) {
    Page page = new Page(Places.CAPABILITIES, contract.places(), "Capability");
    EnumDescriptor type = contract.enumNamed("Capability");
    page.block("[API reference](README.md)");
    page.about(type, contract.comment(type).text());
    for (EnumValueDescriptor value : type.getValues()) {
      page.block("## " + Places.heading(value));
      Comment comment = contract.comment(value);
      page.paragraphs(comment.text());
      List<String> dependents =
          contract
              .naming(value.getName())
              .filter(element -> !comment.line().contains(element.getName()))
              .map(
                  element -> page.markdown().link(element.getName(), contract.places().of(element)))
              .toList();
      if (!dependents.isEmpty()) {
        page.block("Matters to " + String.join(", ", dependents) + ".");
      }
    }
    return page.finish();
  }
}
