package dev.drover.server.guard;

import com.google.protobuf.Descriptors;
import dev.drover.v1.Effect;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.Rule;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rules of every served method, read from the {@code (rule)} options of the API. A method
 * without one is not in the table and therefore denied to everybody (A4, R23).
 */
public final class RuleTable {

  private static final String DROVER = "drover.";

  /** The standard services carry no options of ours; what they show is about the daemon itself. */
  private static final Map<String, Rule> STANDARD =
      Map.of(
          "grpc.health.v1.Health", reads("host.read"),
          "grpc.reflection.v1.ServerReflection", reads("host.read"),
          "grpc.reflection.v1alpha.ServerReflection", reads("host.read"),
          "grpc.channelz.v1.Channelz", reads("host.admin"));

  private final Map<String, MethodRule> rules;

  /** Reads the rules of services. */
  public RuleTable(Iterable<ServerServiceDefinition> services) {
    Map<String, MethodRule> found = new HashMap<>();
    for (ServerServiceDefinition service : services) {
      for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
        rule(method.getMethodDescriptor()).ifPresent(rule -> found.put(rule.method(), rule));
      }
    }
    rules = Map.copyOf(found);
  }

  /** The rule of a method by its full name. */
  public Optional<MethodRule> rule(String method) {
    return Optional.ofNullable(rules.get(method));
  }

  /** The rule of a full name, or else those of the methods whose names end with the parts given. */
  public List<MethodRule> endingWith(String name) {
    return rule(name)
        .map(List::of)
        .orElseGet(
            () ->
                rules.values().stream()
                    .filter(
                        rule ->
                            rule.method().endsWith("/" + name)
                                || rule.method().endsWith("." + name))
                    .sorted(Comparator.comparing(MethodRule::method))
                    .toList());
  }

  private static Optional<MethodRule> rule(MethodDescriptor<?, ?> method) {
    String service = Optional.ofNullable(method.getServiceName()).orElse("");
    return declared(method)
        .or(() -> Optional.ofNullable(STANDARD.get(service)))
        .filter(rule -> !rule.getPermission().isEmpty())
        .filter(
            rule ->
                rule.getEffect() == Effect.EFFECT_READS
                    || rule.getEffect() == Effect.EFFECT_MUTATES)
        .map(
            rule ->
                new MethodRule(
                    method.getFullMethodName(),
                    service,
                    rule.getPermission(),
                    rule.getEffect(),
                    !method.getType().serverSendsOneMessage(),
                    service.startsWith(DROVER)));
  }

  private static Optional<Rule> declared(MethodDescriptor<?, ?> method) {
    if (method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier supplier) {
      Descriptors.MethodDescriptor descriptor = supplier.getMethodDescriptor();
      if (descriptor.getOptions().hasExtension(OptionsProto.rule)) {
        return Optional.of(descriptor.getOptions().getExtension(OptionsProto.rule));
      }
    }
    return Optional.empty();
  }

  private static Rule reads(String permission) {
    return Rule.newBuilder().setPermission(permission).setEffect(Effect.EFFECT_READS).build();
  }
}
