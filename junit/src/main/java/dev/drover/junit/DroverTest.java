package dev.drover.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the tests of a class a world each: a daemon in the test's own process, with the in-memory
 * hypervisor {@code test:///default} and nothing else (R17). Nothing has to be installed, no
 * process is started, and tests may run in parallel.
 *
 * <p>A test has what it names as a parameter: a {@link dev.drover.client.Drover} is a connection to
 * its daemon, a {@link TestWorld} controls the hypervisor behind it. Methods with
 * {@code @BeforeEach} and {@code @AfterEach} get those of their test. Everything ends with the
 * test; where it fails, its daemon's log is with the failure.
 *
 * <pre>{@code
 * @DroverTest
 * class MyBackupTest {
 *
 *   @Test
 *   void works(Drover drover, TestWorld world) {
 *     DomainHandle web = world.start("web", world.image("/images/web.qcow2").create());
 *     ...
 *   }
 * }
 * }</pre>
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(DroverExtension.class)
public @interface DroverTest {

  /** What shares a world. */
  enum Scope {
    /** Nothing: every test method, and every repetition of one, has its own. */
    METHOD,
    /**
     * The tests of the class, those of nested classes among them. {@code @BeforeAll} and
     * constructors may have parameters then.
     */
    CLASS
  }

  /** What shares a world. */
  Scope scope() default Scope.METHOD;

  /**
   * Whether virtual time stands from the beginning, until {@link TestWorld#advance} moves it: jobs
   * make no progress meanwhile. Else it follows real time.
   */
  boolean manualClock() default false;

  /**
   * Room for image data on the world's host, in bytes; nearly endless unless it is given. What a
   * world begins with takes 28 MiB of it.
   */
  long capacityBytes() default Long.MAX_VALUE;
}
