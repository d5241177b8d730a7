package dev.drover.server.metrics;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the requests of one connection: GET and HEAD of /metrics. A client that does not wait for
 * an answer before it asks again is disconnected.
 */
final class ScrapeHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

  private static final Logger log = LoggerFactory.getLogger(ScrapeHandler.class);

  private static final String PATH = "/metrics";
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Exposition exposition;
  private final ExecutorService executor;

  /** Whether a scrape is under way; of the connection's thread alone. */
  private boolean busy;

  ScrapeHandler(Exposition exposition, ExecutorService executor) {
    this.exposition = exposition;
    this.executor = executor;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext connection, FullHttpRequest request) {
    if (busy) {
      var _ = connection.close();
      return;
    }
    boolean head = request.method().equals(HttpMethod.HEAD);
    boolean keep = HttpUtil.isKeepAlive(request);
    if (!request.decoderResult().isSuccess()) {
      answer(connection, refusal(HttpResponseStatus.BAD_REQUEST), head, false);
    } else if (!head && !request.method().equals(HttpMethod.GET)) {
      answer(connection, refusal(HttpResponseStatus.METHOD_NOT_ALLOWED), head, keep);
    } else if (!new QueryStringDecoder(request.uri()).rawPath().equals(PATH)) {
      answer(connection, refusal(HttpResponseStatus.NOT_FOUND), head, keep);
    } else {
      String accept = Optional.ofNullable(request.headers().get(HttpHeaderNames.ACCEPT)).orElse("");
      busy = true;
      try {
        executor.execute(() -> scrape(connection, accept, head, keep));
      } catch (RejectedExecutionException _) {
        answer(connection, refusal(HttpResponseStatus.SERVICE_UNAVAILABLE), head, false);
      }
    }
  }

  private void scrape(ChannelHandlerContext connection, String accept, boolean head, boolean keep) {
    FullHttpResponse response = scraped(accept);
    connection.executor().execute(() -> scraped(connection, response, head, keep));
  }

  private void scraped(
      ChannelHandlerContext connection, FullHttpResponse response, boolean head, boolean keep) {
    busy = false;
    answer(connection, response, head, keep);
  }

  private FullHttpResponse scraped(String accept) {
    try {
      Exposition.Page page = exposition.page(accept);
      return response(HttpResponseStatus.OK, page.contentType(), page.body());
    } catch (IOException | RuntimeException e) {
      log.error("metrics could not be collected", e);
      return refusal(HttpResponseStatus.INTERNAL_SERVER_ERROR);
    }
  }

  private static FullHttpResponse refusal(HttpResponseStatus status) {
    String text = status + "; metrics are at " + PATH + "\n";
    return response(status, TEXT, text);
  }

  private static FullHttpResponse response(
      HttpResponseStatus status, String contentType, String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, contentType)
        .setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
    return response;
  }

  private static void answer(
      ChannelHandlerContext connection, FullHttpResponse full, boolean head, boolean keep) {
    FullHttpResponse response = head ? full.replace(Unpooled.EMPTY_BUFFER) : full;
    HttpUtil.setKeepAlive(response, keep);
    var written = connection.writeAndFlush(response);
    if (!keep) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext connection, Object event) {
    if (event instanceof IdleStateEvent) {
      var _ = connection.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext connection, Throwable cause) {
    log.debug("a connection for metrics failed", cause);
    var _ = connection.close();
  }
}
