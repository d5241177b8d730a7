package dev.drover.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.suppressed;

import dev.drover.client.Drover;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** What becomes of worlds (R17), seen from outside of the tests that have them. */
class DroverExtensionTest {

  /** Sockets of the worlds that the tests below have seen. */
  private static final Set<Path> SEEN = ConcurrentHashMap.newKeySet();

  /** Only those that this test starts; the build leaves nested classes with this tag alone. */
  private static final String PARALLEL = "junit.jupiter.execution.parallel.enabled";

  @BeforeEach
  void forget() {
    SEEN.clear();
  }

  private static Events run(Class<?> tests) {
    EngineExecutionResults results =
        EngineTestKit.engine("junit-jupiter")
            .configurationParameter(PARALLEL, "true")
            .selectors(selectClass(tests))
            .execute();
    return results.testEvents();
  }

  @Test
  void everyTestAndEveryRepetitionHasAWorldOfItsOwn() {
    run(EachAlone.class).assertStatistics(stats -> stats.started(5).succeeded(5));
    assertThat(SEEN).hasSize(5).allSatisfy(DroverExtensionTest::isGone);
  }

  @Test
  void aClassMaySharesOne() {
    run(Shared.class).assertStatistics(stats -> stats.started(3).succeeded(3));
    assertThat(SEEN).hasSize(1).allSatisfy(DroverExtensionTest::isGone);
  }

  @Test
  void aNestedClassThatAsksForAWorldOfItsOwnHasOne() {
    run(Divided.class).assertStatistics(stats -> stats.started(6).succeeded(6));
    assertThat(SEEN).hasSize(5).allSatisfy(DroverExtensionTest::isGone);
  }

  @Test
  void aFailureShowsTheLogOfItsOwnDaemon() {
    Events events = run(Failing.class);

    events.assertThatEvents().haveExactly(1, failedAfter("alpha", "beta"));
    events.assertThatEvents().haveExactly(1, failedAfter("beta", "alpha"));
    assertThat(SEEN).hasSize(2).allSatisfy(DroverExtensionTest::isGone);
  }

  @Test
  void aParameterThatBelongsToNoTestIsRefusedWithWhatToDo() {
    EngineExecutionResults results =
        EngineTestKit.engine("junit-jupiter").selectors(selectClass(TooEarly.class)).execute();

    results
        .containerEvents()
        .assertThatEvents()
        .haveExactly(
            1, finishedWithFailure(message(text -> text.contains("DroverTest.Scope.CLASS"))));
  }

  private static Condition<org.junit.platform.testkit.engine.Event> failedAfter(
      String mine, String others) {
    return finishedWithFailure(
        message("on purpose: " + mine),
        suppressed(
            0,
            message(
                log ->
                    log.contains("DomainService/DefineDomain")
                        && log.contains(mine)
                        && !log.contains(others))));
  }

  private static void isGone(Path socket) {
    assertThat(socket.getParent()).doesNotExist();
  }

  @DroverTest
  @Execution(ExecutionMode.CONCURRENT)
  static class EachAlone {

    @BeforeEach
    void see(Drover drover, TestWorld world) {
      SEEN.add(world.socket());
      world.define("mine");
      assertThat(drover.domains().list()).hasSize(2);
    }

    @Test
    void one(TestWorld world) {
      assertThat(SEEN).contains(world.socket());
      assertThat(Files.exists(world.socket())).isTrue();
    }

    @Test
    void two(Drover drover) {
      assertThat(drover.domain("mine").get().getSpec().getName()).isEqualTo("mine");
    }

    @RepeatedTest(2)
    void repeated(TestWorld world) {
      world.define("more");
    }

    @Nested
    class Inside {
      @Test
      void three(TestWorld world) {
        world.define("more");
      }
    }
  }

  @DroverTest(scope = DroverTest.Scope.CLASS)
  static class Shared {

    @BeforeAll
    static void define(TestWorld world) {
      SEEN.add(world.socket());
      world.define("shared");
    }

    @Test
    void one(Drover drover, TestWorld world) {
      SEEN.add(world.socket());
      assertThat(drover.domain("shared").get().getStatus().getId()).isZero();
    }

    @Test
    void two(TestWorld world) {
      SEEN.add(world.socket());
    }

    @Nested
    class Inside {
      @Test
      void three(Drover drover, TestWorld world) {
        SEEN.add(world.socket());
        assertThat(drover.domain("shared").get().getStatus().getId()).isZero();
      }
    }
  }

  @DroverTest(scope = DroverTest.Scope.CLASS)
  static class Divided {

    @Test
    void one(TestWorld world) {
      SEEN.add(world.socket());
      world.define("outer");
    }

    @Nested
    class Sharing {
      @Test
      void two(TestWorld world) {
        SEEN.add(world.socket());
        world.define("inner");
      }
    }

    @Nested
    @DroverTest(scope = DroverTest.Scope.CLASS, capacityBytes = 64 << 20)
    class Small {
      @Test
      void three(Drover drover, TestWorld world) {
        SEEN.add(world.socket());
        assertThat(drover.domains().list()).hasSize(1);
        assertThatThrownBy(() -> world.image("/images/large").filled(0, 64 << 20, 1).create())
            .hasMessageContaining("disk is full");
      }
    }

    @Nested
    @DroverTest(scope = DroverTest.Scope.CLASS)
    class Another {
      @Test
      void four(Drover drover, TestWorld world) {
        SEEN.add(world.socket());
        assertThat(drover.domains().list()).hasSize(1);
      }
    }

    @Nested
    @DroverTest
    class EachItsOwn {
      @RepeatedTest(2)
      void five(Drover drover, TestWorld world) {
        SEEN.add(world.socket());
        world.define("once");
        assertThat(drover.domains().list()).hasSize(2);
      }
    }
  }

  @DroverTest
  @Execution(ExecutionMode.CONCURRENT)
  static class Failing {

    @Test
    void alpha(TestWorld world) {
      defineAndFail(world, "alpha");
    }

    @Test
    void beta(TestWorld world) {
      defineAndFail(world, "beta");
    }

    private static void defineAndFail(TestWorld world, String name) {
      SEEN.add(world.socket());
      world.define(name);
      fail("on purpose: " + name);
    }
  }

  @DroverTest
  static class TooEarly {

    @BeforeAll
    static void before(TestWorld world) {
      world.define("never");
    }

    @Test
    void never() {}
  }
}
