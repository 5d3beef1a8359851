package io.narthex.net.http2;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * One connection on which HTTP/2 was agreed: {@link #send}, {@link #readHead}, {@link #read} to the
 * end, and then the next request. One thread at a time; deadlines are those of the streams.
 *
 * <p>There is one request at a time, as on a connection of HTTP/1.1, and that makes it small. The
 * thread that waits for the answer is the one that reads: it does what else comes (settings, pings,
 * windows) on the way. No other thread reads or writes, nothing is queued, and no bytes are kept: a
 * body goes from the stream into the caller's array. Between requests nobody reads, so that a ping
 * is answered with the next request only, and a server that has gone away is noticed then.
 *
 * <p>A request body is sent as far as the windows allow, and goes on whenever the server opens
 * them; an answer may come before all of it is gone. In the other direction our windows are wide,
 * because the pace is set by TCP: what the caller does not read stays in the network. A server
 * cannot overrun them, since they are opened again while half is left, and a frame is smaller.
 *
 * <p>Whatever breaks the rules ends the connection; {@link #isReusable} is false then. Against a
 * server that means ill: frames are no longer than 16 KiB, heads no longer than {@link #MOST_HEAD},
 * their tables no larger than 4 KiB, and no more than {@link #MOST_IDLE} frames in a row may bring
 * nothing. How long a body may be, the caller knows.
 */
public final class Http2Connection {

  /** The most bytes of a head, packed and unpacked. */
  static final int MOST_HEAD = 64 * 1024;

  /** The most frames one after the other that neither bring a byte nor take one. */
  static final int MOST_IDLE = 1000;

  /** The window of a stream that we announce. */
  static final int STREAM_WINDOW = 4 << 20;

  private static final int CONNECTION_WINDOW = 1 << 30;

  private final FrameInput in;
  private final FrameOutput out;
  private final RequestOutput request;
  private final ControlFrames control;
  private final BlockInput blocks;
  private boolean broken;

  /** Frames that brought nothing, since the last one that did. */
  private int idleFrames;

  /** Bytes that came since we have opened our windows: that of the connection, and the stream's. */
  private int taken;

  private int streamTaken;

  // The answer.
  private boolean noBody;
  private boolean headersPending;
  private boolean headRead;
  private boolean ended;
  private int dataLeft;

  /** Bytes that the declared length still lets come; -1 if none is declared. */
  private long bodyLeft = -1;

  /** Nothing is read or written before the first request. */
  public Http2Connection(InputStream in, OutputStream out) {
    this.in = new FrameInput(in);
    this.out = new FrameOutput(out);
    this.request = new RequestOutput(this.out);
    this.blocks = new BlockInput(this.in, MOST_HEAD);
    this.control = new ControlFrames(this.in, this.out, request);
  }

  /**
   * The bytes for {@link #send} of the head of a request, as HTTP/1.1 writes it; they are good for
   * each connection.
   */
  public static byte[] block(String head) {
    return HeaderBlockEncoder.encode(head);
  }

  /**
   * Sends a request: all of the head, and of the body what the windows allow.
   *
   * @param head made by {@link #block}
   * @param body not changed until the answer has been read
   * @param noBody whether the answer has no body by its method, which is HEAD
   */
  public void send(byte[] head, byte[] body, boolean noBody) throws IOException {
    if (request.stream() < 0) {
      out.preface();
      out.settings(
          Frame.HEADER_TABLE_SIZE,
          0,
          Frame.ENABLE_PUSH,
          0,
          Frame.INITIAL_WINDOW_SIZE,
          STREAM_WINDOW,
          Frame.MAX_HEADER_LIST_SIZE,
          MOST_HEAD);
      out.windowUpdate(0, CONNECTION_WINDOW - Frame.DEFAULT_WINDOW);
    }
    this.noBody = noBody;
    headersPending = false;
    headRead = false;
    ended = false;
    dataLeft = 0;
    bodyLeft = -1;
    streamTaken = 0;
    idleFrames = 0;
    request.send(head, body);
  }

  /**
   * Waits until an answer begins. Up to here a connection that was kept may turn out to be dead.
   *
   * @throws Http2Exception if the server breaks a rule or goes away; {@link
   *     Http2Exception#isUnprocessed} says whether the request may be sent again
   */
  public void await() throws IOException {
    try {
      awaitHeaders();
    } catch (IOException e) {
      throw over(e);
    }
  }

  private void awaitHeaders() throws IOException {
    while (!headersPending) {
      next();
    }
  }

  /** Reads the head, over interim ones. */
  public void readHead(Head head) throws IOException {
    try {
      int status;
      do {
        awaitHeaders();
        ResponseFields fields = new ResponseFields(request.stream(), head);
        readBlock(fields);
        status = fields.status();
        checkInterim(status);
        bodyLeft = fields.length();
      } while (status < 200);
      if (noBody || status == 204 || status == 304) {
        bodyLeft = 0;
      }
      headRead = true;
      idleFrames = 0;
      checkLength();
    } catch (IOException e) {
      throw over(e);
    }
  }

  private void checkInterim(int status) throws Http2Exception {
    if (status == 101) {
      throw Http2Exception.malformed(request.stream(), "a change of protocols");
    }
    if (status < 200 && ended) {
      throw Http2Exception.unusable(
          ErrorCode.PROTOCOL_ERROR, "1xx informational response with END_STREAM flag");
    }
  }

  /**
   * Reads some of the body.
   *
   * @return how many bytes, or -1 at its end
   */
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    try {
      while (dataLeft == 0) {
        if (ended) {
          return -1;
        }
        next();
        if (headersPending) {
          trailers();
        }
      }
      int n = in.some(into, offset, Math.min(length, dataLeft));
      dataLeft -= n;
      if (dataLeft == 0) {
        // Padding.
        in.skip();
      }
      return n;
    } catch (IOException e) {
      throw over(e);
    }
  }

  /**
   * Whether another request can be sent: the answer has been read to its end, all of the request is
   * gone, and the server has not said that it goes away.
   */
  public boolean isReusable() {
    return headRead
        && ended
        && dataLeft == 0
        && !broken
        && control.farewell() == null
        && request.isReady();
  }

  /** Nothing more is to be expected here; the server is told if it was its fault. */
  private IOException over(IOException e) {
    broken = true;
    ErrorCode tell = e instanceof Http2Exception ours ? ours.tell() : null;
    if (tell != null) {
      try {
        out.goAway(tell);
        out.flush();
      } catch (IOException deaf) {
        e.addSuppressed(deaf);
      }
    }
    return e;
  }

  private void trailers() throws IOException {
    if (!in.has(Frame.END_STREAM)) {
      throw Http2Exception.malformed(request.stream(), "trailers that do not end the stream");
    }
    readBlock(new ResponseFields(request.stream(), null));
    checkLength();
  }

  /** Checks that the body is not over before its time. */
  private void checkLength() throws EOFException {
    if (ended && bodyLeft > 0) {
      throw new EOFException("unexpected EOF");
    }
  }

  /** Reads the block that begins with the frame at hand. */
  private void readBlock(ResponseFields fields) throws IOException {
    headersPending = false;
    boolean last = in.has(Frame.END_STREAM);
    blocks.read(fields);
    ended = last;
  }

  /**
   * Takes the next frame: afterwards headers are pending, or there is data, or the stream has
   * ended, or it was something else.
   */
  private void next() throws IOException {
    if (!in.next()) {
      throw closed();
    }
    control.checkStart();
    countIdle();
    switch (in.type()) {
      case Frame.DATA -> data();
      case Frame.HEADERS -> {
        checkOurs();
        headersPending = true;
      }
      case Frame.RST_STREAM -> reset();
      case Frame.SETTINGS -> sent(control.settings());
      case Frame.PING -> control.ping();
      case Frame.GOAWAY -> control.goAway(headRead);
      case Frame.WINDOW_UPDATE -> windowUpdate();
      case Frame.PUSH_PROMISE, Frame.CONTINUATION ->
          throw protocol("an unexpected frame of type " + in.type());
      // Priorities, and what later documents have added, may be passed over.
      default -> in.skip();
    }
  }

  /** A server may ask for our time, but not without end. */
  private void countIdle() throws Http2Exception {
    if (++idleFrames > MOST_IDLE) {
      throw Http2Exception.broken(
          ErrorCode.ENHANCE_YOUR_CALM, "more than " + MOST_IDLE + " frames that bring nothing");
    }
  }

  private void sent(boolean any) {
    if (any) {
      idleFrames = 0;
    }
  }

  private void data() throws IOException {
    checkOurs();
    if (!headRead) {
      throw Http2Exception.malformed(request.stream(), "DATA before HEADERS");
    }
    int counted = in.left();
    ended = in.has(Frame.END_STREAM);
    int padding = in.has(Frame.PADDED) ? in.uint8() : 0;
    if (padding > in.left()) {
      throw protocol("more padding than payload");
    }
    dataLeft = in.left() - padding;
    if (bodyLeft >= 0) {
      if (dataLeft > bodyLeft) {
        throw Http2Exception.unusable(
            ErrorCode.PROTOCOL_ERROR,
            "net/http: server replied with more than declared Content-Length; truncated");
      }
      bodyLeft -= dataLeft;
    }
    widen(counted);
    checkLength();
    if (dataLeft > 0) {
      idleFrames = 0;
    } else {
      in.skip();
    }
  }

  /** Opens our windows again when half is used. */
  private void widen(int bytes) throws IOException {
    taken += bytes;
    streamTaken += bytes;
    if (taken >= CONNECTION_WINDOW / 2) {
      out.windowUpdate(0, taken);
      taken = 0;
    }
    if (streamTaken >= STREAM_WINDOW / 2 && !ended) {
      out.windowUpdate(request.stream(), streamTaken);
      streamTaken = 0;
    }
    out.flush();
  }

  private void reset() throws IOException {
    in.checkSize(4);
    int code = in.int32();
    if (!isOver()) {
      checkOurs();
      boolean refused = code == ErrorCode.REFUSED_STREAM.ordinal();
      throw Http2Exception.reset(request.stream(), code, refused && !headRead);
    }
  }

  private void windowUpdate() throws IOException {
    in.checkSize(4);
    int increment = in.int32() & Integer.MAX_VALUE;
    if (increment == 0) {
      throw protocol("a window update of nothing");
    }
    if (in.stream() == 0) {
      request.widenConnection(increment);
    } else if (!isOver()) {
      checkOurs();
      request.widenStream(increment);
    }
    sent(request.pump());
  }

  /** Whether the frame is about an earlier request. */
  private boolean isOver() {
    return (in.stream() & 1) == 1 && in.stream() < request.stream();
  }

  /** Checks that the frame is about the request we have sent. */
  private void checkOurs() throws Http2Exception {
    if (in.stream() == request.stream()) {
      return;
    }
    if (isOver()) {
      throw Http2Exception.broken(
          ErrorCode.STREAM_CLOSED, "a frame of stream " + in.stream() + ", which is over");
    }
    throw protocol("a frame of stream " + in.stream() + ", which does not exist");
  }

  private IOException closed() {
    String farewell = control.farewell();
    return farewell == null
        ? new EOFException("unexpected EOF")
        : Http2Exception.gone(farewell, false);
  }

  private static Http2Exception protocol(String how) {
    return Http2Exception.broken(ErrorCode.PROTOCOL_ERROR, how);
  }
}
