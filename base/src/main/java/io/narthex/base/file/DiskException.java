package io.narthex.base.file;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file could not be read or written; the message names the action, the file and the reason. */
public class DiskException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public DiskException(String action, Path path, IOException cause) {
    super(action + " " + path + ": " + reason(cause), cause);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file or directory";
      case FileAlreadyExistsException there -> "file exists";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
