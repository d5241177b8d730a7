package dev.drover.junit;

import dev.drover.client.Drover;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Makes worlds for tests, hands them over, and shows their log where a test fails. */
final class DroverExtension
    implements ParameterResolver,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(DroverExtension.class);

  /** JUnit makes it. */
  DroverExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Drover.class || type == TestWorld.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    TestWorld world = world(context);
    return parameter.getParameter().getType() == Drover.class ? world.drover() : world;
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw withLog(context, failure);
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw withLog(context, failure);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw withLog(context, failure);
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw withLog(context, failure);
  }

  private static Throwable withLog(ExtensionContext context, Throwable failure) {
    existing(context).ifPresent(world -> failure.addSuppressed(new LogOfFailure(world.log())));
    return failure;
  }

  private static Optional<TestWorld> existing(ExtensionContext context) {
    return Optional.ofNullable(context.getStore(NAMESPACE).get(Key.of(context), TestWorld.class));
  }

  private static TestWorld world(ExtensionContext context) {
    DroverTest wish = wish(context);
    return switch (wish.scope()) {
      case METHOD -> {
        if (context.getTestMethod().isEmpty()) {
          throw new ParameterResolutionException(
              "a constructor and @BeforeAll belong to no test method, so that they have no world:"
                  + " say @DroverTest(scope = DroverTest.Scope.CLASS), or use @BeforeEach");
        }
        yield opened(context, wish);
      }
      case CLASS -> opened(annotated(context), wish);
    };
  }

  /**
   * What a world is kept under. Stores show what those of enclosing contexts have, so that the key
   * keeps the worlds of classes within each other apart.
   *
   * @param owner the annotated class
   * @param scope what shares the world
   */
  private record Key(Class<?> owner, DroverTest.Scope scope) {
    static Key of(ExtensionContext context) {
      return new Key(DroverExtension.owner(context), wish(context).scope());
    }
  }

  /** Closed by JUnit with the context it is opened in. */
  private static TestWorld opened(ExtensionContext context, DroverTest wish) {
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            Key.of(context),
            _ -> TestWorld.open(wish.manualClock(), wish.capacityBytes()),
            TestWorld.class);
  }

  /**
   * The context of the annotated class, with which its nested classes share a world. A class that
   * an annotated one encloses and that JUnit runs by itself has no such context, and shares with
   * its own nested classes.
   */
  private static ExtensionContext annotated(ExtensionContext context) {
    Class<?> owner = owner(context);
    ExtensionContext outermost = context;
    Optional<ExtensionContext> found = Optional.empty();
    for (Optional<ExtensionContext> outer = Optional.of(context);
        outer.flatMap(ExtensionContext::getTestClass).isPresent();
        outer = outer.flatMap(ExtensionContext::getParent)) {
      outermost = outer.orElseThrow();
      if (outermost.getRequiredTestClass() == owner) {
        found = outer;
      }
    }
    return found.orElse(outermost);
  }

  private static DroverTest wish(ExtensionContext context) {
    return owner(context).getAnnotation(DroverTest.class);
  }

  /** The innermost class with the annotation. */
  private static Class<?> owner(ExtensionContext context) {
    for (Optional<Class<?>> type = context.getTestClass();
        type.isPresent();
        type = type.map(Class::getEnclosingClass)) {
      if (type.get().isAnnotationPresent(DroverTest.class)) {
        return type.get();
      }
    }
    throw new ParameterResolutionException(
        context.getRequiredTestClass() + " is not annotated with @DroverTest");
  }

  /** Carries the log into every report of the failure: runners print what a failure suppressed. */
  private static final class LogOfFailure extends Exception {
    private static final long serialVersionUID = 1L;

    LogOfFailure(String log) {
      super("the daemon's log of this test:\n" + log, null, false, false);
    }
  }
}
