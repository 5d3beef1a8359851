package io.narthex.net.client;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.util.List;

/** What to send for one header: plain values, secret ones, and the contents of files. */
public record HttpHeader(List<String> values, List<String> secrets, List<String> files) {

  public HttpHeader {
    values = List.copyOf(values);
    secrets = List.copyOf(secrets);
    files = List.copyOf(files);
  }

  static HttpHeader decode(YamlValue value) {
    YamlMap map = value.map("config.Header");
    HttpHeader header =
        new HttpHeader(
            map.texts("values"),
            map.list("secrets", "[]config.Secret", YamlValue::text),
            map.list("files", "[]string", YamlValue::file));
    map.finish();
    return header;
  }

  void write(YamlWriter.Map out) {
    out.texts("values", values);
    out.texts("secrets", secrets.stream().map(s -> YamlWriter.SECRET).toList());
    out.texts("files", files);
  }
}
