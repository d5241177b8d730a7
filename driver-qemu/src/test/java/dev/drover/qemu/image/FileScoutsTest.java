package dev.drover.qemu.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Another process does first what the daemon is going to do with a file (R27). */
class FileScoutsTest {

  private final List<String> orders = new CopyOnWriteArrayList<>();

  @Test
  @DisplayName("Where no scout can be sent the question is asked all the same, and so is the next")
  void noScout() {
    FileScouts scouts =
        new FileScouts(
            order -> {
              orders.add(order);
              throw new IOException("no process");
            });
    scouts.look("/a");
    scouts.open("/a");
    scouts.open("/with\nline");
    assertThat(orders).containsExactly("looks /a", "opens /a");
  }

  @Test
  @Timeout(60)
  @DisplayName("Scouts come back from whatever is there, and from nothing")
  void everything(@TempDir Path directory) throws IOException, InterruptedException {
    AskingProcesses processes = new AskingProcesses(FileScouts.LOOP);
    FileScouts scouts =
        new FileScouts(
            order -> {
              String answer = processes.ask(order);
              orders.add(order + answer);
              return answer;
            });
    Path file = Files.writeString(directory.resolve("it's a \"$(file)\" -- "), "content");
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Path path :
        List.of(file, pipe, directory, directory.resolve("none"), Path.of("/dev/null"))) {
      scouts.look(path.toString());
      scouts.open(path.toString());
    }
    processes.close();
    assertThat(orders).hasSize(10).contains("opens " + file, "looks " + pipe);
  }
}
