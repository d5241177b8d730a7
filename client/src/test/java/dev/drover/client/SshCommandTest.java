package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.ConnectionUri.Target;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SshCommandTest { // R14
  private static List<String> words(String uri, boolean ask) {
    return SshCommand.words((Target.Ssh) ConnectionUri.parse(uri).target(), ask);
  }

  @Test
  void sshGetsNeitherATerminalNorForwardingsAndTheHostIsNoOption() {
    assertThat(words("qemu+ssh://host/system", false))
        .containsExactly(
            "ssh",
            "-T",
            "-x",
            "-a",
            "-e",
            "none",
            "-o",
            "ClearAllForwardings=yes",
            "-o",
            "RemoteCommand=none",
            "-o",
            "BatchMode=yes",
            "--",
            "host",
            "'drover' bridge --system");
  }

  @Test
  void onATerminalSshMayAsk() {
    assertThat(words("qemu+ssh://host/system", true)).contains("BatchMode=no");
  }

  @Test
  void userPortKeyAndKnownHostsAreSaidInSshsOwnWords() {
    assertThat(
            words(
                "qemu+ssh://ada@host:2222/system?keyfile=/k%20%25h&known_hosts=/known&command=/usr/bin/ssh",
                false))
        .startsWith("/usr/bin/ssh")
        .containsSequence("-o", "IdentityFile=\"/k %%h\"", "-o", "IdentitiesOnly=yes")
        .containsSequence("-o", "UserKnownHostsFile=\"/known\"")
        .containsSequence("-l", "ada", "-p", "2222", "--", "host");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "qemu+ssh://host/session, 'drover' bridge --session",
        "test+ssh://host/default, 'drover' bridge",
        "qemu+ssh://host/system?socket=/a%20'b, 'drover' bridge --socket '/a '\\''b'",
        "qemu+ssh://host/system?bridge=/opt/a%20b/drover, '/opt/a b/drover' bridge --system",
        "qemu+ssh://host/system?bridge=x;id, 'x;id' bridge --system",
      })
  void theOtherShellReadsWordsAndNothingElse(String uri, String remote) {
    assertThat(words(uri, false).getLast()).isEqualTo(remote);
  }
}
