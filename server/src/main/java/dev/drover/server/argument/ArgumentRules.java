package dev.drover.server.argument;

import com.google.protobuf.Message;
import dev.drover.v1.ExplainPermissionRequest;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.GetNodeInfoRequest;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.InspectWaitsRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The rule of every request of the API. */
public final class ArgumentRules {

  private final Map<Class<?>, ArgumentRule<Message>> rules;

  /** Makes the table. */
  public ArgumentRules() {
    Table table = new Table();
    table
        .add(GetVersionRequest.class, _ -> {})
        .add(GetCapabilitiesRequest.class, _ -> {})
        .add(GetNodeInfoRequest.class, _ -> {})
        .add(
            ExplainPermissionRequest.class,
            request -> {
              Argument.required(request.getPrincipal(), "principal");
              Argument.required(request.getMethod(), "method");
              if (request.hasDomain()) {
                Argument.domain(request.getDomain());
              }
            })
        .add(InspectWaitsRequest.class, PolicyArguments::minimumAge);
    DomainArguments.register(table);
    BlockArguments.register(table);
    JobArguments.register(table);
    SnapshotArguments.register(table);
    EventArguments.register(table);
    TestControlArguments.register(table);
    rules = Map.copyOf(table.rules);
  }

  /**
   * Checks a request.
   *
   * @throws dev.drover.spi.error.DriverException where an argument is wrong
   * @throws IllegalStateException for a type without a rule: nothing passes unchecked
   */
  public void check(Message request) {
    ArgumentRule<Message> rule = rules.get(request.getClass());
    if (rule == null) {
      throw new IllegalStateException("no rule for " + request.getClass().getName());
    }
    rule.check(request);
  }

  /** Types of requests that have a rule. */
  public Set<Class<?>> types() {
    return rules.keySet();
  }

  /** Collects rules. */
  static final class Table {

    private final Map<Class<?>, ArgumentRule<Message>> rules = new HashMap<>();

    <Q extends Message> Table add(Class<Q> type, ArgumentRule<Q> rule) {
      rules.put(type, request -> rule.check(type.cast(request)));
      return this;
    }
  }
}
