package io.narthex.tsdb.compact;

import io.narthex.storage.StorageException;

/** A chunk would have to be encoded anew and this program does not know its encoding. */
final class UnknownEncodingException extends StorageException {

  private static final long serialVersionUID = 1;

  UnknownEncodingException(int encoding) {
    super("chunks of encoding " + encoding + " can be copied but not taken apart");
  }
}
