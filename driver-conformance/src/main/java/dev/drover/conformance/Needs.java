package dev.drover.conformance;

import dev.drover.v1.Capability;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Capabilities that a case needs beyond the life of domains. Where the driver does not declare one
 * of them, the documented refusal is asserted in place of the case (R16).
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Needs {

  /** The capabilities. */
  Capability[] value() default {};

  /** What it needs besides where its domain is shut off. */
  Capability[] off() default {};
}
