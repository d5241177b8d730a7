package dev.drover.dist;

import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.LocationProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** What the modules deliver: compiled main sources, generated ones too. */
final class MainClasses implements LocationProvider {

  @Override
  public Set<Location> get(Class<?> testClass) {
    return Modules.folders().stream()
        .map(folder -> folder.resolve(Path.of("target", "classes")))
        .filter(Files::isDirectory)
        .map(Location::of)
        .collect(Collectors.toSet());
  }
}
