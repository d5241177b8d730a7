package dev.drover.api.reference;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.StatusMapping;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes errors.md: every reason with its code, its meaning, what to do, and who raises it. */
final class ErrorsPage {

  private final Contract contract;
  private final Page page;

  private ErrorsPage(Contract contract, Page page) {
    this.contract = contract;
    this.page = page;
  }

  static String write(Contract contract) {
    Page page = new Page(Places.ERRORS, contract.places(), "ErrorReason");
    new ErrorsPage(contract, page).write(contract.enumNamed("ErrorReason"));
    return page.finish();
  }

  private void write(EnumDescriptor type) {
    page.block("[API reference](README.md)");
    page.about(type, contract.comment(type).text());
    List<EnumValueDescriptor> reasons =
        type.getValues().stream().filter(contract.errors()::isReason).toList();
    page.table(
        List.of("reason", "gRPC code", "meaning"),
        reasons.stream()
            .map(
                reason ->
                    List.of(
                        page.markdown().link(Places.heading(reason), contract.places().of(reason)),
                        Markdown.code(status(reason).getCode().name()),
                        page.markdown().text(contract.comment(reason).firstSentence())))
            .toList());
    reasons.forEach(this::write);
  }

  private void write(EnumValueDescriptor reason) {
    StatusMapping status = status(reason);
    String libvirt =
        status.getLibvirtCode() == 0 ? "" : " · `libvirt_code` " + status.getLibvirtCode();
    page.block("## " + Places.heading(reason));
    page.block("gRPC `%s` · number %d%s".formatted(status.getCode(), reason.getNumber(), libvirt));
    Comment comment = contract.comment(reason);
    page.paragraphs(comment.text());
    comment.next().forEach(next -> page.block("**What to do:** " + page.markdown().text(next)));
    List<String> calls = raisers(Places.heading(reason));
    if (!calls.isEmpty()) {
      page.block("**Raised by:** " + String.join(", ", calls));
    }
    List<String> others =
        contract
            .naming(Places.heading(reason))
            .filter(element -> elsewhere(element, Places.heading(reason)))
            .map(this::link)
            .toList();
    if (!others.isEmpty()) {
      page.block("**Found in:** " + String.join(", ", others));
    }
  }

  /** Every call, or every one with an effect or of a service, then single calls. */
  private List<String> raisers(String reason) {
    Set<MethodDescriptor> left =
        contract
            .api()
            .methods()
            .filter(method -> contract.errors().raisedBy(method).contains(reason))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    List<String> raisers = new ArrayList<>();
    take(left, contract.api().methods().toList(), "every call", raisers);
    take(
        left,
        contract.api().methods().filter(contract::mutates).toList(),
        "every call that changes something",
        raisers);
    contract
        .api()
        .services()
        .forEach(
            service -> take(left, service.getMethods(), "every call of " + link(service), raisers));
    left.forEach(method -> raisers.add(link(method)));
    return raisers;
  }

  /** Says of several calls at once what holds for all of them. */
  private static void take(
      Set<MethodDescriptor> left, List<MethodDescriptor> all, String text, List<String> raisers) {
    if (all.size() > 1 && left.containsAll(all)) {
      all.forEach(left::remove);
      raisers.add(text);
    }
  }

  /** Whether a reason is told of where it is no error of a call: in a type, or of a call's job. */
  private boolean elsewhere(GenericDescriptor element, String reason) {
    return switch (element) {
      case ServiceDescriptor _ -> false;
      case MethodDescriptor method -> !contract.errors().raisedBy(method).contains(reason);
      default -> true;
    };
  }

  private String link(GenericDescriptor element) {
    return page.markdown().link(element.getName(), contract.places().of(element));
  }

  private static StatusMapping status(EnumValueDescriptor reason) {
    return reason.getOptions().getExtension(OptionsProto.status);
  }
}
