package dev.drover.dist;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who uses the Java library meets none of gRPC's types from day to day, and finds all of gRPC
 * behind a few doors.
 */
@AnalyzeClasses(locations = MainClasses.class)
class ClientSurfaceTest {
  /**
   * The doors: for calls that have no method, for stubs, for channels and statuses of one's own.
   */
  private static final Set<String> DOORS =
      Set.of(
          "Drover.call",
          "Drover.channel",
          "Drover.bareChannel",
          "Drover$Builder.channel",
          "DroverException.grpcStatus");

  private static final DescribedPredicate<JavaClass> GRPC =
      describe("are gRPC's", type -> type.getPackageName().startsWith("io.grpc"));

  private static final DescribedPredicate<JavaClass> SURFACE =
      describe(
          "people write programs with",
          type ->
              Set.of("dev.drover.client", "dev.drover.client.pki", "dev.drover.junit")
                      .contains(type.getPackageName())
                  && type.getModifiers().contains(JavaModifier.PUBLIC));

  @ArchTest
  static final ArchRule everydayCallsNeedNoTypeOfGrpc =
      codeUnits()
          .that()
          .areDeclaredInClassesThat(SURFACE)
          .and()
          .areNotPrivate()
          .and()
          .areNotPackagePrivate()
          .and(describe("are no door to gRPC", unit -> !DOORS.contains(name(unit))))
          .should(mentionNothingOfGrpc());

  @ArchTest
  static final ArchRule everydayConstantsNeedNoTypeOfGrpc =
      fields()
          .that()
          .areDeclaredInClassesThat(SURFACE)
          .and()
          .arePublic()
          .should(
              new ArchCondition<JavaField>("not be gRPC's") {
                @Override
                public void check(JavaField field, ConditionEvents events) {
                  report(field.getFullName(), Stream.of(field.getType()), events);
                }
              });

  @ArchTest
  static final ArchRule everydayTypesAreNotMadeOfGrpcs =
      noClasses().that(SURFACE).should().beAssignableTo(GRPC);

  @ArchTest
  static void everyDoorIsThere(JavaClasses classes) {
    assertThat(
            classes.stream()
                .filter(SURFACE)
                .flatMap(type -> type.getCodeUnits().stream())
                .filter(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(unit -> types(unit).anyMatch(ClientSurfaceTest::involvesGrpc))
                .map(ClientSurfaceTest::name)
                .collect(Collectors.toSet()))
        .isEqualTo(DOORS);
  }

  private static ArchCondition<JavaCodeUnit> mentionNothingOfGrpc() {
    return new ArchCondition<>("mention nothing of gRPC") {
      @Override
      public void check(JavaCodeUnit unit, ConditionEvents events) {
        report(unit.getFullName(), types(unit), events);
      }
    };
  }

  private static void report(String element, Stream<JavaType> types, ConditionEvents events) {
    types
        .filter(ClientSurfaceTest::involvesGrpc)
        .forEach(
            type ->
                events.add(
                    SimpleConditionEvent.violated(
                        element, "%s mentions %s".formatted(element, type.getName()))));
  }

  private static Stream<JavaType> types(JavaCodeUnit unit) {
    return Stream.of(
            Stream.of(unit.getReturnType()),
            unit.getParameterTypes().stream(),
            unit.getExceptionTypes().stream())
        .flatMap(each -> each);
  }

  private static boolean involvesGrpc(JavaType type) {
    return type.getAllInvolvedRawTypes().stream().anyMatch(GRPC);
  }

  private static String name(JavaCodeUnit unit) {
    String owner = unit.getOwner().getName();
    return owner.substring(owner.lastIndexOf('.') + 1) + "." + unit.getName();
  }
}
