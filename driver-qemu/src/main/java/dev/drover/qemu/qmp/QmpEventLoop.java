package dev.drover.qemu.qmp;

import dev.drover.spi.activity.Activities;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that reads and writes all QMP sockets and runs their deadlines. All state of a
 * connection belongs to this thread, so connections need no locks. It is a platform thread because
 * junixsocket calls that wait must not run on virtual threads. Closing it ends every connection.
 */
public final class QmpEventLoop implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(QmpEventLoop.class);
  private static final int READ_BUFFER_BYTES = 64 * 1024;
  private static final Duration SHUTDOWN_DEADLINE = Duration.ofSeconds(5);

  private final Activities activities;
  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final TreeMap<Timer, Runnable> timers = new TreeMap<>();
  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BUFFER_BYTES);
  private final AtomicBoolean woken = new AtomicBoolean();
  private long timerSequence;
  private volatile boolean closing;
  private volatile boolean finished;

  /** What the loop calls, always on its own thread. */
  interface ChannelHandler {
    void readable(ByteBuffer buffer) throws IOException;

    void writable() throws IOException;

    void hungUp(ByteBuffer buffer) throws IOException;

    void failed(Throwable cause);
  }

  /** A moment at which something is to happen; unique, ordered by time. */
  record Timer(long atNanos, long sequence) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      int byTime = Long.compare(atNanos - other.atNanos, 0);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  /**
   * Starts the thread.
   *
   * @param activities hears of every command that is sent over its connections
   * @throws UncheckedIOException when the system gives no selector
   */
  public QmpEventLoop(Activities activities) {
    this.activities = activities;
    try {
      selector = AFUNIXSelectorProvider.provider().openSelector();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open a selector for QMP sockets", e);
    }
    thread = Thread.ofPlatform().name("qmp-loop").daemon().unstarted(this::run);
    thread.start();
  }

  Activities activities() {
    return activities;
  }

  boolean inLoop() {
    return Thread.currentThread().equals(thread);
  }

  /**
   * Runs a task on the loop thread.
   *
   * @throws RejectedExecutionException when the loop has been closed
   */
  void execute(Runnable task) {
    if (finished) {
      throw new RejectedExecutionException("the QMP event loop is closed");
    }
    tasks.add(task);
    if (woken.compareAndSet(false, true)) {
      selector.wakeup();
    }
    if (finished && tasks.remove(task)) {
      throw new RejectedExecutionException("the QMP event loop is closed");
    }
  }

  /** Loop thread only. */
  Timer schedule(Duration delay, Runnable task) {
    Timer timer = new Timer(System.nanoTime() + delay.toNanos(), timerSequence++);
    timers.put(timer, task);
    return timer;
  }

  /** Loop thread only, and not while a handler reads. */
  ByteBuffer readBuffer() {
    return readBuffer;
  }

  /** Loop thread only. */
  void cancel(Timer timer) {
    timers.remove(timer);
  }

  /** Loop thread only. */
  SelectionKey register(AFUNIXSocketChannel channel, ChannelHandler handler) throws IOException {
    return channel.register(selector, SelectionKey.OP_READ, handler);
  }

  private void run() {
    try {
      while (!closing) {
        selector.select(untilNextTimerMillis());
        // Before the tasks are looked at: what comes later wakes the next turn.
        woken.set(false);
        handleReadyChannels();
        runTasks();
        runTimers();
      }
    } catch (IOException | RuntimeException | Error e) {
      logger.error("The QMP event loop failed; every QMP connection of this daemon ends", e);
    } finally {
      shutDown();
    }
  }

  private long untilNextTimerMillis() {
    if (!tasks.isEmpty()) {
      return 1;
    }
    if (timers.isEmpty()) {
      return 60_000;
    }
    long nanos = timers.firstKey().atNanos() - System.nanoTime();
    return Math.clamp(nanos / 1_000_000 + 1, 1, 60_000);
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      guarded(task);
    }
  }

  private void runTimers() {
    long now = System.nanoTime();
    while (!timers.isEmpty() && timers.firstKey().atNanos() - now <= 0) {
      guarded(timers.pollFirstEntry().getValue());
    }
  }

  private void handleReadyChannels() {
    Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
    while (ready.hasNext()) {
      SelectionKey key = ready.next();
      ready.remove();
      ChannelHandler handler = (ChannelHandler) key.attachment();
      try {
        if (!key.isValid()) {
          // How junixsocket's selector reports that the peer has closed; it does so once.
          handler.hungUp(readBuffer);
        } else if (key.isReadable()) {
          handler.readable(readBuffer);
        }
        if (key.isValid() && key.isWritable()) {
          handler.writable();
        }
      } catch (CancelledKeyException e) {
        handler.failed(new IOException("connection closed", e));
      } catch (IOException | RuntimeException e) {
        handler.failed(e);
      }
    }
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      logger.error("A task of the QMP event loop failed", e);
    }
  }

  private void shutDown() {
    List<ChannelHandler> handlers = new ArrayList<>();
    selector.keys().forEach(key -> handlers.add((ChannelHandler) key.attachment()));
    handlers.forEach(
        handler ->
            guarded(
                () -> handler.failed(new IOException("the daemon closes its QMP connections"))));
    finished = true;
    runTasks();
    try {
      selector.close();
    } catch (IOException e) {
      logger.warn("Closing the selector of the QMP event loop failed", e);
    }
  }

  /** Ends every connection and waits for the thread, at most 5 s. */
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    if (inLoop()) {
      return;
    }
    try {
      if (!thread.join(SHUTDOWN_DEADLINE)) {
        logger.error("The QMP event loop did not end within {}", SHUTDOWN_DEADLINE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
