package io.narthex.net.http2;

/** Takes the head of an answer. */
public interface Head {

  /** A head begins. One that began before it was an interim one, and says nothing any more. */
  void begin(int status);

  /** A field, its name in lower case. */
  void field(String name, String value);
}
