package io.narthex.net.http;

/** How long the server waits for a client; the reaper closes the connection when it is over. */
interface Patience {

  /** The server begins to wait for the client to send. */
  void begin();

  /** The server begins to wait for the client to take a piece of the answer. */
  void beginWrite();

  /** The waiting is over. */
  void end();
}
