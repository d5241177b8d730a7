package dev.drover.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Repeats a case for each value of a static method of the same class, which returns a list. The
 * case takes the value as its one parameter, and the value's text tells the repetitions apart.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface EachOf {

  /** Name of the method that returns the list. */
  String value();
}
