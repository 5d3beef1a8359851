package io.narthex.net.http2;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames of a server, one after the other; also such as no server should send. */
public final class FrameBytes {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Frames behind the settings that each server begins with. */
  public static FrameBytes settled() {
    return new FrameBytes().settings();
  }

  /** Any frame. */
  public FrameBytes frame(int type, int flags, int stream, byte... payload) {
    out.write(payload.length >> 16);
    out.write(payload.length >> 8);
    out.write(payload.length);
    out.write(type);
    out.write(flags);
    out.writeBytes(ByteBuffer.allocate(4).putInt(stream).array());
    out.writeBytes(payload);
    return this;
  }

  /** SETTINGS of keys and values. */
  public FrameBytes settings(int... keysAndValues) {
    ByteBuffer payload = ByteBuffer.allocate(keysAndValues.length * 3);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      payload.putShort((short) keysAndValues[i]).putInt(keysAndValues[i + 1]);
    }
    return frame(Frame.SETTINGS, 0, 0, payload.array());
  }

  /** HEADERS that are whole. */
  public FrameBytes head(int stream, boolean last, String... fields) {
    return frame(
        Frame.HEADERS, Frame.END_HEADERS | (last ? Frame.END_STREAM : 0), stream, block(fields));
  }

  /** A block of fields as {@code name: value}. */
  static byte[] block(String... fields) {
    HeaderBlockEncoder encoder = new HeaderBlockEncoder();
    for (String field : fields) {
      int colon = field.indexOf(": ");
      encoder.field(field.substring(0, colon), field.substring(colon + 2));
    }
    return encoder.toBytes();
  }

  /** DATA. */
  public FrameBytes data(int stream, boolean last, String text) {
    return data(stream, last, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** DATA. */
  public FrameBytes data(int stream, boolean last, byte[] bytes) {
    return frame(Frame.DATA, last ? Frame.END_STREAM : 0, stream, bytes);
  }

  /** A whole answer of status 200. */
  public FrameBytes page(int stream, String text) {
    return head(stream, false, ":status: 200", "content-type: text/plain").data(stream, true, text);
  }

  /** RST_STREAM. */
  public FrameBytes reset(int stream, int code) {
    return frame(Frame.RST_STREAM, 0, stream, int32(code));
  }

  /** GOAWAY. */
  public FrameBytes goAway(int last, int code, String debug) {
    byte[] text = debug.getBytes(StandardCharsets.UTF_8);
    byte[] payload =
        ByteBuffer.allocate(8 + text.length).putInt(last).putInt(code).put(text).array();
    return frame(Frame.GOAWAY, 0, 0, payload);
  }

  /** WINDOW_UPDATE. */
  public FrameBytes window(int stream, int increment) {
    return frame(Frame.WINDOW_UPDATE, 0, stream, int32(increment));
  }

  /** PING. */
  public FrameBytes ping(String eight) {
    return frame(Frame.PING, 0, 0, eight.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Bytes as they are. */
  void append(byte[] bytes) {
    out.writeBytes(bytes);
  }

  static byte[] int32(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  /** What there is so far. */
  public byte[] bytes() {
    return out.toByteArray();
  }
}
