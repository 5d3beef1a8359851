package io.narthex.net.dns;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/**
 * What {@code resolv.conf} says (resolv.conf(5)), as far as upstream heeds it: timeouts, attempts
 * and rotation are not.
 *
 * @param servers addresses, in their order
 * @param search what may be missing at the end of a name
 * @param ndots how many dots a name must have to be tried as it is first
 */
record ResolvConf(List<String> servers, List<String> search, int ndots) {

  private static final int MOST_DOTS = 15;

  ResolvConf {
    servers = List.copyOf(servers);
    search = List.copyOf(search);
  }

  /** Reads a file. */
  static ResolvConf read(Path file) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new IOException("could not load resolv.conf: no such file: " + file, e);
    } catch (IOException e) {
      throw new IOException("could not load resolv.conf: " + e.getMessage(), e);
    }
    List<String> servers = new ArrayList<>();
    List<String> search = List.of();
    int ndots = 1;
    for (String line : lines) {
      List<String> words = words(line);
      if (words.size() < 2) {
        continue;
      }
      switch (words.getFirst()) {
        case "nameserver" -> servers.add(words.get(1));
        case "domain" -> search = words.subList(1, 2);
        case "search" -> search = words.subList(1, words.size());
        case "options" -> ndots = ndots(words, ndots);
        default -> {}
      }
    }
    return new ResolvConf(servers, search, ndots);
  }

  /** The words before a comment. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    for (StringTokenizer all = new StringTokenizer(line); all.hasMoreTokens(); ) {
      String word = all.nextToken();
      if (word.startsWith("#") || word.startsWith(";")) {
        break;
      }
      words.add(word);
    }
    return words;
  }

  private static int ndots(List<String> options, int before) {
    int ndots = before;
    for (String option : options) {
      if (option.startsWith("ndots:")) {
        String digits = option.substring("ndots:".length());
        boolean isNumber =
            !digits.isEmpty()
                && digits.length() <= 9
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        ndots = isNumber ? Math.min(Integer.parseInt(digits), MOST_DOTS) : 0;
      }
    }
    return ndots;
  }

  /** The whole names to try for a name, one after the other. */
  List<String> names(String name) {
    if (name.endsWith(".")) {
      return List.of(name);
    }
    List<String> names = new ArrayList<>();
    boolean asItIsFirst = name.chars().filter(c -> c == '.').count() >= ndots;
    if (asItIsFirst) {
      names.add(name + ".");
    }
    for (String end : search) {
      // The root as the end of a name is the name as it is.
      String whole = end.equals(".") ? name + "." : name + "." + end;
      names.add(whole.endsWith(".") ? whole : whole + ".");
    }
    if (!asItIsFirst) {
      names.add(name + ".");
    }
    return names.stream().distinct().toList();
  }
}
