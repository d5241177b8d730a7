package dev.drover.client.cli;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Hands on what an option was given. A command whose options are described by calls starts in a
 * fraction of the time that the annotations of one take to be read.
 *
 * @param type what a value is
 * @param target takes the value
 */
record OptionSetter<V>(Class<V> type, Consumer<V> target) implements ISetter {
  /** Before it reads the arguments picocli sets null, which leaves the target as it was made. */
  @Override
  public <T extends @Nullable Object> T set(T value) {
    if (value != null) {
      target.accept(type.cast(value));
    }
    return value;
  }

  /** An option that is there or not. */
  static OptionSpec.Builder flag(Consumer<Boolean> target, String... names) {
    return OptionSpec.builder(names)
        .type(boolean.class)
        .setter(new OptionSetter<>(Boolean.class, target));
  }

  /** An option with a value. */
  static <V> OptionSpec.Builder value(Class<V> type, Consumer<V> target, String... names) {
    return OptionSpec.builder(names).type(type).setter(new OptionSetter<>(type, target));
  }
}
