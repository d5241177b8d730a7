package dev.drover.client;

import dev.drover.client.ConnectionUri.Target;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One run of the ssh program, with a thread for each of its streams. It ends with the connection
 * that it carries.
 */
final class SshProcess {
  private static final int CHUNK = 32 * 1024;

  /** More than any greeting of a login shell. */
  private static final int MOST_NOISE = 64 * 1024;

  private static final int MOST_WORDS = 2048;

  /** Time for an ssh that has closed its output to end, and then for its last words. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** An ssh that serves others in the background may keep the stream for its words open. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  /** What becomes of the connection; told by threads of the process, one after the other. */
  interface Events {
    /** The bridge has reached the daemon. */
    void connected();

    /** The daemon said something. */
    void received(byte[] bytes);

    /** What was handed to {@link #write} is on its way. */
    void written();

    /** Nothing comes any more; with the reason where that is a failure. */
    void ended(Optional<SshFailure> failure);
  }

  private final Target.Ssh target;
  private final Process process;
  private final Events events;
  private final BlockingQueue<byte[]> outgoing = new ArrayBlockingQueue<>(1);
  private final Semaphore wanted = new Semaphore(0);
  private final StringBuilder words = new StringBuilder();
  private final Thread writer;
  private final Thread listener;
  private volatile boolean closed;

  private SshProcess(Target.Ssh target, Process process, Events events) {
    this.target = target;
    this.process = process;
    this.events = events;
    this.writer = thread("ssh-out", this::writeAll);
    this.listener = thread("ssh-words", this::listen);
  }

  private Thread thread(String name, Runnable action) {
    return Thread.ofPlatform().daemon().name(name + " " + target.authority()).unstarted(action);
  }

  /**
   * Starts ssh.
   *
   * @param command its command line
   * @throws SshFailure where there is no such program
   */
  static SshProcess start(Target.Ssh target, List<String> command, Events events)
      throws SshFailure {
    Process process;
    try {
      process = new ProcessBuilder(command).start();
    } catch (IOException e) {
      throw SshFailure.notStarted(command.getFirst(), target.authority(), e);
    }
    SshProcess ssh = new SshProcess(target, process, events);
    ssh.writer.start();
    ssh.listener.start();
    ssh.thread("ssh-in", ssh::readAll).start();
    return ssh;
  }

  /** Sends bytes; not before those handed over earlier were told to be written. */
  void write(byte[] bytes) {
    outgoing.add(bytes);
  }

  /** Lets one more {@link Events#received} come. */
  void read() {
    wanted.release();
  }

  /** Ends ssh, and with it the bridge; nothing is told any more. */
  void close() {
    closed = true;
    end();
  }

  private void end() {
    process.toHandle().destroy();
    writer.interrupt();
    wanted.release();
  }

  private void writeAll() {
    try (OutputStream out = process.getOutputStream()) {
      while (!Thread.currentThread().isInterrupted()) {
        out.write(outgoing.take());
        out.flush();
        if (!closed) {
          events.written();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // It reads no more: what it says about that is found at the end of its output.
      process.toHandle().destroy();
    }
  }

  private void listen() {
    try (InputStream in = process.getErrorStream()) {
      byte[] bytes = new byte[CHUNK];
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        synchronized (words) {
          words.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
          words.delete(0, Math.max(0, words.length() - MOST_WORDS));
        }
      }
    } catch (IOException e) {
      synchronized (words) {
        words.append(e.getMessage());
      }
    }
  }

  private void readAll() {
    boolean connected = false;
    ByteArrayOutputStream noise = new ByteArrayOutputStream();
    try (InputStream in = process.getInputStream()) {
      Optional<byte[]> first = afterGreeting(in, noise);
      if (first.isPresent()) {
        connected = true;
        tell(events::connected);
        forward(in, first.get());
      }
    } catch (IOException e) {
      // As good as the end of its output: the exit code and its words tell more.
      process.toHandle().destroy();
    }
    finish(connected, noise.toString(StandardCharsets.UTF_8));
  }

  /** Skips what the login shell says; empty where no bridge answers. */
  private static Optional<byte[]> afterGreeting(InputStream in, ByteArrayOutputStream noise)
      throws IOException {
    String greeting = new String(Bridge.greeting(), StandardCharsets.ISO_8859_1);
    byte[] bytes = new byte[CHUNK];
    for (int count = in.read(bytes);
        count >= 0 && noise.size() < MOST_NOISE;
        count = in.read(bytes)) {
      noise.write(bytes, 0, count);
      int at = noise.toString(StandardCharsets.ISO_8859_1).indexOf(greeting);
      if (at >= 0) {
        byte[] all = noise.toByteArray();
        return Optional.of(Arrays.copyOfRange(all, at + greeting.length(), all.length));
      }
    }
    return Optional.empty();
  }

  private void forward(InputStream in, byte[] first) throws IOException {
    byte[] bytes = first;
    int count = first.length;
    while (count >= 0) {
      if (count > 0) {
        wanted.acquireUninterruptibly();
        byte[] received = Arrays.copyOf(bytes, count);
        tell(() -> events.received(received));
      }
      bytes = new byte[CHUNK];
      count = in.read(bytes);
    }
  }

  private void finish(boolean connected, String noise) {
    try {
      boolean silent = noise.length() < MOST_NOISE;
      if (!silent || !process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
      int code = process.waitFor();
      listener.join(LAST_WORDS);
      writer.interrupt();
      tell(() -> events.ended(outcome(connected, code, noise)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      tell(() -> events.ended(Optional.of(SshFailure.broken(target, 0, "interrupted"))));
    }
  }

  private Optional<SshFailure> outcome(boolean connected, int code, String noise) {
    String said;
    synchronized (words) {
      said = words.toString();
    }
    if (connected) {
      return code == 0 ? Optional.empty() : Optional.of(SshFailure.broken(target, code, said));
    }
    String heard = noise.substring(0, Math.min(MOST_WORDS, noise.length()));
    return Optional.of(
        noise.length() < MOST_NOISE
            ? SshFailure.notConnected(target, code, heard + "\n" + said)
            : SshFailure.noBridge(target, said));
  }

  private void tell(Runnable event) {
    if (!closed) {
      event.run();
    }
  }
}
