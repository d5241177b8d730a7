package dev.drover.dist;

import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.LocationProvider;
import java.nio.file.Files;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the modules compile, tests included. */
final class AllClasses implements LocationProvider {

  @Override
  public Set<Location> get(Class<?> testClass) {
    return Modules.folders().stream()
        .map(folder -> folder.resolve("target"))
        .flatMap(target -> Stream.of("classes", "test-classes").map(target::resolve))
        .filter(Files::isDirectory)
        .map(Location::of)
        .collect(Collectors.toSet());
  }
}
