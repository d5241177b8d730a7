package dev.drover.conformance.bench;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Repeats a case for states of its domain (R15). The case takes the state as a parameter; one that
 * is about a single state may do without. On a class it stands for those of its cases that say
 * nothing themselves. A case without it does not depend on the state of a domain.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface InStates {

  /** The states; all of them unless this says otherwise. */
  PowerState[] value() default {PowerState.OFF, PowerState.PAUSED, PowerState.RUNNING};
}
