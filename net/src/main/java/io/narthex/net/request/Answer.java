package io.narthex.net.request;

import java.io.IOException;
import java.io.InputStream;

/** One answer as it comes over a connection: the head, then the body, without what packs it. */
interface Answer {

  /**
   * Reads the head, over interim ones.
   *
   * @return false if the peer has closed before the first byte
   */
  boolean readHead() throws IOException;

  int status();

  String reason();

  Headers headers();

  /** The body, framed as the head has said. */
  InputStream body(String method) throws IOException;

  /** Whether another request can be sent over the connection. */
  boolean isReusable();
}
