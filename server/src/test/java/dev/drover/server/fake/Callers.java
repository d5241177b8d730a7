package dev.drover.server.fake;

import dev.drover.server.identity.CallerSource;
import dev.drover.spi.Caller;
import io.grpc.Attributes;
import java.util.Optional;

/** Callers that a test chooses, one at a time. */
public final class Callers implements CallerSource {

  private volatile String principal = "uid:0";

  /** Makes the calls that begin from now on those of a principal. */
  public void now(String other) {
    principal = other;
  }

  @Override
  public Optional<Caller> identify(Attributes transport) {
    return Optional.of(new Caller(principal, "test"));
  }
}
