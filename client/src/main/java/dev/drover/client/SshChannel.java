package dev.drover.client;

import dev.drover.client.ConnectionUri.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose bytes an ssh process carries. It counts as connected once the bridge on the
 * other host has reached the daemon, so that whatever stands in the way of that is told as the
 * reason. Its state is touched by its event loop alone.
 */
final class SshChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final int CHUNK = 64 * 1024;
  private static final int MOST_BUFFERS = 1024;

  /** The address of a daemon on another host, for people. */
  static final class Address extends SocketAddress {
    private static final long serialVersionUID = 1L;

    private final String authority;

    Address(Target.Ssh target) {
      this.authority = target.authority();
    }

    @Override
    public String toString() {
      return "ssh " + authority;
    }
  }

  private enum State {
    NEW,
    CONNECTING,
    CONNECTED,
    CLOSED
  }

  private final Target.Ssh target;
  private final List<String> command;
  private final SshAttempts attempts;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private volatile State state = State.NEW;
  private @Nullable ChannelPromise connecting;
  private @Nullable SshProcess process;
  private boolean reading;
  private boolean writing;

  /**
   * @param command command line of ssh
   * @param attempts shared by all connections to the host
   */
  SshChannel(Target.Ssh target, List<String> command, SshAttempts attempts) {
    super(null);
    this.target = target;
    this.command = command;
    this.attempts = attempts;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new Connecting();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return new Address(target);
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return new Address(target);
  }

  @Override
  protected void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException("A connection over ssh has no address to bind");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doClose() {
    state = State.CLOSED;
    ChannelPromise promise = connecting;
    connecting = null;
    if (promise != null) {
      promise.tryFailure(new ClosedChannelException());
    }
    SshProcess running = process;
    if (running != null) {
      running.close();
    }
  }

  @Override
  protected void doBeginRead() {
    SshProcess running = process;
    if (!reading && running != null) {
      reading = true;
      running.read();
    }
  }

  /** One chunk is on its way at a time; what follows waits here, where Netty counts it. */
  @Override
  protected void doWrite(ChannelOutboundBuffer buffer) {
    SshProcess running = process;
    if (writing || running == null) {
      return;
    }
    ByteBuffer[] buffers = buffer.nioBuffers(MOST_BUFFERS, CHUNK);
    int size = Math.toIntExact(buffer.nioBufferSize());
    if (size > 0) {
      ByteBuffer chunk = ByteBuffer.allocate(size);
      for (int i = 0; i < buffer.nioBufferCount(); i++) {
        chunk.put(buffers[i].duplicate());
      }
      writing = true;
      running.write(chunk.array());
    }
    buffer.removeBytes(size);
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException("Only bytes can be written, not " + message);
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return state != State.CLOSED;
  }

  @Override
  public boolean isActive() {
    return state == State.CONNECTED;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  private void begin() {
    if (state != State.CONNECTING) {
      return;
    }
    try {
      process = SshProcess.start(target, command, new OnLoop());
    } catch (SshFailure e) {
      failed(e);
    }
  }

  private void connected() {
    ChannelPromise promise = connecting;
    if (state != State.CONNECTING || promise == null) {
      return;
    }
    attempts.worked();
    connecting = null;
    state = State.CONNECTED;
    promise.trySuccess();
    pipeline().fireChannelActive();
  }

  private void received(byte[] bytes) {
    if (state == State.CONNECTED) {
      reading = false;
      pipeline().fireChannelRead(Unpooled.wrappedBuffer(bytes));
      pipeline().fireChannelReadComplete();
    }
  }

  private void ended(Optional<SshFailure> failure) {
    if (state == State.CONNECTED) {
      failure.ifPresent(pipeline()::fireExceptionCaught);
      unsafe().close(voidPromise());
    } else if (state == State.CONNECTING) {
      failure.ifPresent(this::failed);
    }
  }

  private void failed(SshFailure failure) {
    attempts.failed();
    ChannelPromise promise = connecting;
    connecting = null;
    if (promise != null) {
      promise.tryFailure(failure);
    }
    unsafe().close(voidPromise());
  }

  /** Starts ssh, and goes on where Netty had to wait for a chunk to be written. */
  private final class Connecting extends AbstractUnsafe {
    @Override
    public void connect(
        SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
      if (!promise.setUncancellable() || !ensureOpen(promise)) {
        return;
      }
      if (state != State.NEW) {
        promise.setFailure(new AlreadyConnectedException());
        return;
      }
      state = State.CONNECTING;
      connecting = promise;
      Duration pause = attempts.pause();
      if (pause.isPositive()) {
        var _ = eventLoop().schedule(SshChannel.this::begin, pause.toNanos(), TimeUnit.NANOSECONDS);
      } else {
        begin();
      }
    }

    private void written() {
      writing = false;
      if (isActive()) {
        flush0();
      }
    }
  }

  /** Hands what the process tells to the event loop; one that has ended hears nothing. */
  private final class OnLoop implements SshProcess.Events {
    @Override
    public void connected() {
      run(SshChannel.this::connected);
    }

    @Override
    public void received(byte[] bytes) {
      run(() -> SshChannel.this.received(bytes));
    }

    @Override
    public void written() {
      run(((Connecting) unsafe())::written);
    }

    @Override
    public void ended(Optional<SshFailure> failure) {
      run(() -> SshChannel.this.ended(failure));
    }

    private void run(Runnable event) {
      try {
        eventLoop().execute(event);
      } catch (RejectedExecutionException e) {
        // The loop ends with the connection, which is then of interest to nobody.
        return;
      }
    }
  }
}
