package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDevicesTest {

  private final ImageDevices devices = new ImageDevices();

  @TempDir private Path directory;

  @Test
  void anImageThatIsToBeMadeIsOnTheFileSystemOfItsDirectory() throws Exception {
    // R29
    Path image = Files.createFile(directory.resolve("there"));
    String store = devices.store(image.toString());
    assertThat(store).matches("[0-9]+:[0-9]+");
    assertThat(devices.store(directory.resolve("not-yet").toString())).isEqualTo(store);
    assertThat(devices.store("/proc/self/status")).isNotEqualTo(store).isNotEmpty();
    assertThat(devices.store("/no/such/directory/image")).isEmpty();
  }

  @Test
  void theNumbersOfADeviceAreThoseThatTheSystemShows() {
    assertThat(ImageDevices.name(0x801)).isEqualTo("8:1");
    assertThat(ImageDevices.name(0xfd00)).isEqualTo("253:0");
    assertThat(ImageDevices.name(0x10_0003L)).isEqualTo("0:259");
    assertThat(ImageDevices.name(0x1000_0000_0801L)).isEqualTo("4104:1");
  }
}
