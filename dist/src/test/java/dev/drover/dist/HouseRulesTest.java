package dev.drover.dist;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import org.jspecify.annotations.NullMarked;

/** Habits of this code base that a compiler can see; tests keep them too. */
@AnalyzeClasses(locations = AllClasses.class)
class HouseRulesTest {

  private static final DescribedPredicate<JavaClass> HANDWRITTEN =
      DescribedPredicate.describe(
          "are written by hand",
          type ->
              !type.getPackageName().startsWith("dev.drover.v1")
                  && !type.getPackageName().startsWith("dev.drover.testing.v1"));

  @ArchTest
  static final ArchRule nobodySleeps =
      noClasses()
          .should()
          .callMethodWhere(target(owner(name("java.lang.Thread"))).and(target(name("sleep"))))
          .orShould()
          .callMethodWhere(
              target(owner(name("java.util.concurrent.TimeUnit"))).and(target(name("sleep"))))
          .because("waiting is for an event, a fake clock or a condition with a deadline");

  @ArchTest
  static final ArchRule onlyProgramsForPeopleUseStandardStreams =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.drover.spi..",
              "dev.drover.qemu..",
              "dev.drover.test..",
              "dev.drover.minimal..",
              "dev.drover.junit..",
              "dev.drover.server..",
              "dev.drover.client..")
          .and()
          .resideOutsideOfPackage("dev.drover.client.cli..")
          .and()
          .doNotHaveSimpleName("Droverd")
          .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule logsGoThroughSlf4j =
      GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

  @ArchTest
  static final ArchRule staticStateNeverChanges =
      fields()
          .that()
          .areStatic()
          .and()
          .areDeclaredInClassesThat(HANDWRITTEN)
          .should()
          .haveModifier(JavaModifier.FINAL);

  @ArchTest
  static final ArchRule injectionGoesThroughConstructors =
      noFields().should().beAnnotatedWith("jakarta.inject.Inject").allowEmptyShould(true);

  @ArchTest
  static final ArchRule namesSayWhatAClassDoes =
      noClasses().that(HANDWRITTEN).should().haveNameMatching(".*(Manager|Helper|Impl|Util|Utils)");

  @ArchTest
  static final ArchRule nullnessIsDeclaredEverywhere =
      classes().that(HANDWRITTEN).should(resideInANullMarkedPackage());

  private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
    return new ArchCondition<>("reside in a package marked @NullMarked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
        events.add(
            new SimpleConditionEvent(
                type, marked, type.getFullName() + " is in a package without @NullMarked"));
      }
    };
  }
}
