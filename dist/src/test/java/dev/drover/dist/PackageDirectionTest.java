package dev.drover.dist;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see whom. Maven bans the same between modules; this also holds inside one. */
@AnalyzeClasses(locations = MainClasses.class)
class PackageDirectionTest {

  private static final String[] API = {"dev.drover.v1..", "dev.drover.testing.v1.."};

  @ArchTest
  static final ArchRule spiSpeaksApiMessagesOnly =
      classes()
          .that()
          .resideInAPackage("dev.drover.spi..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.drover.spi..",
              "dev.drover.v1..",
              "dev.drover.testing.v1..",
              "com.google.protobuf..",
              "com.google.rpc..",
              "org.jspecify..",
              "java..");

  @ArchTest
  static final ArchRule driversSeeNothingOfTheDaemon =
      noClasses()
          .that()
          .resideInAnyPackage("dev.drover.qemu..", "dev.drover.test..", "dev.drover.minimal..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.drover.server..",
              "dev.drover.client..",
              "dev.drover.conformance..",
              "io.grpc..",
              "io.netty..",
              "com.google.inject..",
              "ch.qos.logback..");

  @ArchTest
  static final ArchRule qemuDriverDoesNotKnowTheTestDriver =
      noClasses()
          .that()
          .resideInAPackage("dev.drover.qemu..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.drover.test..");

  @ArchTest
  static final ArchRule testDriverDoesNotKnowTheQemuDriver =
      noClasses()
          .that()
          .resideInAPackage("dev.drover.test..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.drover.qemu..");

  @ArchTest
  static final ArchRule smallestDriverKnowsNoOther =
      noClasses()
          .that()
          .resideInAPackage("dev.drover.minimal..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.drover.qemu..", "dev.drover.test..", "org.slf4j..");

  @ArchTest
  static final ArchRule nobodyNeedsWhatIsThereForOthers =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.drover.minimal..", "dev.drover.junit..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.drover.minimal..", "dev.drover.junit..");

  @ArchTest
  static final ArchRule daemonFindsItsDriversWithoutNamingThem =
      noClasses()
          .that()
          .resideInAPackage("dev.drover.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.drover.qemu..",
              "dev.drover.test..",
              "dev.drover.client..",
              "dev.drover.conformance..");

  @ArchTest
  static final ArchRule clientsKnowTheApiOnly =
      noClasses()
          .that()
          .resideInAnyPackage("dev.drover.client..", "dev.drover.conformance..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.drover.server..", "dev.drover.spi..", "dev.drover.qemu..", "dev.drover.test..");

  @ArchTest
  static final ArchRule clientLibraryNeverSeesTheCommandLine =
      noClasses()
          .that()
          .resideInAPackage("dev.drover.client..")
          .and()
          .resideOutsideOfPackage("dev.drover.client.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.drover.client.cli..", "picocli..", "org.jline..");

  @ArchTest
  static final ArchRule nobodyNeedsTheBenchmarks =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.drover.benchmarks..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.drover.benchmarks..");

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices()
          .matching("dev.drover.(**)")
          .should()
          .beFreeOfCycles()
          .ignoreDependency(resideInAnyPackage(API), alwaysTrue());
}
