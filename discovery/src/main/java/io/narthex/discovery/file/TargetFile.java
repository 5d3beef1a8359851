package io.narthex.discovery.file;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.discovery.StaticGroup;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One file with a list of target groups. JSON is read as the part of YAML that it is. */
public final class TargetFile {

  private static final String FILE_LABEL = "__meta_filepath";

  private TargetFile() {}

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read
   * @throws YamlException if it is not a list of groups
   */
  public static List<TargetGroup> read(Path path) throws IOException {
    return parse(path, Files.readAllBytes(path));
  }

  /** Understands what was read from a file. */
  static List<TargetGroup> parse(Path path, byte[] content) throws IOException {
    List<StaticGroup> groups =
        Yaml.decode(
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString(),
            value ->
                value.isNull()
                    ? List.of()
                    : value.list(
                        "[]*targetgroup.Group",
                        group -> {
                          if (group.isNull()) {
                            throw group.error("nil target group item found");
                          }
                          return StaticGroup.decode(group);
                        }));
    List<TargetGroup> found = new ArrayList<>();
    for (StaticGroup group : groups) {
      TargetGroup plain = group.toTargetGroup(path + ":" + found.size());
      found.add(
          new TargetGroup(
              plain.source(),
              new LabelsBuilder().from(plain.labels()).set(FILE_LABEL, path.toString()).build(),
              plain.targets()));
    }
    return found;
  }
}
