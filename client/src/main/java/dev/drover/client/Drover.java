package dev.drover.client;

import com.google.protobuf.Message;
import dev.drover.client.direct.DirectCalls;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Job;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * A connection to a daemon and, through it, to one of its drivers. Safe for use by many threads;
 * its calls block, so give each a virtual thread. Nothing is sent before the first call.
 *
 * <p>A daemon that goes away while the connection is in use is looked for again: calls that read
 * and calls with a request id (every mutating call gets one) are repeated, watches resume (R7).
 * Every failure is a {@link DroverException}.
 */
public final class Drover implements AutoCloseable {
  /** Metadata of each call: the connection URI that picks the driver. */
  static final String URI_HEADER = "drover-uri";

  /** Metadata of each call: "true" makes the daemon refuse what would change something. */
  static final String READ_ONLY_HEADER = "drover-read-only";

  private final Connection connection;
  private final Optional<Transport> owned;

  private Drover(Connection connection, Optional<Transport> owned) {
    this.connection = connection;
    this.owned = owned;
  }

  /**
   * Connects to the daemon and driver that a URI names, for example "qemu:///system" or
   * "qemu+unix:///session?socket=/path", "qemu+tls://host/system" or "qemu+ssh://host/system".
   *
   * @param uri the URI; empty: the nearest daemon and its default driver
   * @throws DroverException CONNECTION_URI_INVALID, NOT_SUPPORTED; INVALID_ARGUMENT where the files
   *     of the certificate cannot be used
   */
  public static Drover connect(String uri) {
    return builder().uri(uri).build();
  }

  /** A connection with other settings than the default ones. */
  public static Builder builder() {
    return new Builder();
  }

  /** What daemon, drivers and host are. */
  public Host host() {
    return new Host(connection);
  }

  /** The domains of the connection. */
  public Domains domains() {
    return new Domains(connection);
  }

  /** One domain by name; nothing is asked of the daemon yet. */
  public DomainHandle domain(String name) {
    return domain(DomainRef.newBuilder().setName(name).build());
  }

  /** One domain; nothing is asked of the daemon yet. */
  public DomainHandle domain(DomainRef ref) {
    return new DomainHandle(connection, ref);
  }

  /** The jobs of the connection. */
  public Jobs jobs() {
    return new Jobs(connection);
  }

  /** Follows a job that is known by its record. */
  public JobHandle job(Job job) {
    return new JobHandle(connection, job);
  }

  /**
   * Watches what the request chooses, from the state on or from a revision. The stream is opened by
   * the first wait for a message.
   */
  public EventWatch watch(WatchRequest request) {
    return new EventWatch(connection, request);
  }

  /**
   * The same as a publisher: each subscription is a watch of its own, that reads no further than
   * its subscriber asks, and goes on over restarts of the daemon. It completes when the connection
   * is closed, and fails with a {@link DroverException} where the daemon refuses it or does not
   * come back.
   *
   * {@snippet class="dev.drover.client.LibraryExamplesTest" region="publisher"}
   */
  public Flow.Publisher<WatchResponse> events(WatchRequest request) {
    return new StreamPublisher<>(() -> source(watch(request)), "drover-events");
  }

  private static StreamPublisher.Source<WatchResponse> source(EventWatch watch) {
    return StreamPublisher.Source.of(watch::next, watch::close);
  }

  /**
   * Does what blocks on a virtual thread of its own. Cancelling the future ends no call.
   *
   * {@snippet class="dev.drover.client.LibraryExamplesTest" region="async"}
   *
   * @return completes with the result, or exceptionally with what was thrown
   */
  public <T> CompletableFuture<T> async(Function<Drover, T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("drover-async")
        .start(
            () -> {
              try {
                result.complete(work.apply(this));
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  /**
   * Makes any unary call of the API, with request id, repetition and errors as everywhere else,
   * within the default deadline.
   *
   * @param method for example {@code DomainServiceGrpc.getStartDomainMethod()}
   * @throws DroverException as the call's comment lists
   */
  public <Q extends Message, R> R call(MethodDescriptor<Q, R> method, Q request) {
    return connection.call(method, request, connection.settings().deadline());
  }

  /**
   * Makes any unary call of the API within a deadline.
   *
   * @throws DroverException as the call's comment lists
   */
  public <Q extends Message, R> R call(
      MethodDescriptor<Q, R> method, Q request, Duration deadline) {
    return connection.call(method, request, deadline);
  }

  /** The channel, with the connection's metadata attached, for stubs of any kind. */
  public Channel channel() {
    return connection.channel();
  }

  /** The channel as it is, for callers that attach metadata of their own; it ends with this. */
  public Channel bareChannel() {
    return connection.bareChannel();
  }

  /** What the connection reaches, for people. */
  public String endpoint() {
    return connection.endpoint();
  }

  /** Ends the calls and watches under way and frees the connection. Jobs go on. */
  @Override
  public void close() {
    connection.close();
    owned.ifPresent(Transport::close);
  }

  /** Collects the settings of a connection. */
  public static final class Builder {
    private String uri = "";
    private boolean readOnly;
    private boolean ask;
    private boolean brief;
    private CallSettings settings = CallSettings.DEFAULTS;
    private Optional<ManagedChannel> channel = Optional.empty();

    private Builder() {}

    /** Connection URI. Default: the nearest daemon and its default driver. */
    public Builder uri(String value) {
      this.uri = value;
      return this;
    }

    /**
     * True to let the daemon refuse every call that would change something (A4). Default: false.
     */
    public Builder readOnly(boolean value) {
      this.readOnly = value;
      return this;
    }

    /**
     * True where ssh may ask for a passphrase, or about a host key, on the terminal of this
     * process; else it fails where it would have to. Default: false.
     */
    public Builder askOnTerminal(boolean value) {
      this.ask = value;
      return this;
    }

    /**
     * True for a process that makes a few calls and ends: on a unix socket each unary call then
     * takes a connection of its own, and gRPC's channel, which takes several times as long to set
     * up as a call, is made only for what needs it. Default: false.
     */
    public Builder brief(boolean value) {
      this.brief = value;
      return this;
    }

    /** Time a call may take unless it names its own. Default: 60 s. */
    public Builder deadline(Duration value) {
      this.settings = new CallSettings(value, settings.reconnectFor());
      return this;
    }

    /** Time for which calls and streams look for a daemon that went away. Default: 30 s. */
    public Builder reconnectFor(Duration value) {
      this.settings = new CallSettings(settings.deadline(), value);
      return this;
    }

    /**
     * A channel of one's own, for example in-process; it stays open after {@link Drover#close()}.
     * The URI then only picks the driver.
     */
    public Builder channel(ManagedChannel value) {
      this.channel = Optional.of(value);
      return this;
    }

    /**
     * Makes the connection; nothing is sent yet.
     *
     * @throws DroverException CONNECTION_URI_INVALID, NOT_SUPPORTED; INVALID_ARGUMENT where the
     *     files of the certificate cannot be used
     */
    public Drover build() {
      ConnectionUri parsed = ConnectionUri.parse(uri);
      Map<String, String> headers = new HashMap<>();
      parsed.driverUri().ifPresent(value -> headers.put(URI_HEADER, value));
      if (readOnly) {
        headers.put(READ_ONLY_HEADER, "true");
      }
      if (channel.isPresent()) {
        ManagedChannel given = channel.get();
        Transport transport = new Transport(given, given.authority(), () -> {});
        return connected(transport, headers, Optional.empty(), Optional.empty());
      }
      if (brief && parsed.target() instanceof ConnectionUri.Target.Unix(Path socket)) {
        Transport transport = Transport.unixWhenCalled(socket);
        return connected(
            transport,
            headers,
            Optional.of(new DirectCalls(socket, headers)),
            Optional.of(transport));
      }
      Transport transport = transport(parsed.target());
      return connected(transport, headers, Optional.empty(), Optional.of(transport));
    }

    private Drover connected(
        Transport transport,
        Map<String, String> headers,
        Optional<DirectCalls> direct,
        Optional<Transport> owned) {
      return new Drover(
          new Connection(
              new DriverChannel(transport.channel(), headers),
              transport.channel(),
              direct,
              transport.endpoint(),
              settings),
          owned);
    }

    private Transport transport(ConnectionUri.Target target) {
      return switch (target) {
        case ConnectionUri.Target.Unix unix -> Transport.unix(unix.socket());
        case ConnectionUri.Target.Tls tls -> Transport.tls(tls);
        case ConnectionUri.Target.Ssh ssh -> Transport.ssh(ssh, ask);
      };
    }
  }
}
