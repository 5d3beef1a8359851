package io.narthex.discovery.marathon;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.refresh.UserInfo;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The apps of Marathon with their tasks, asked of one of the servers, each time another. */
final class Apps implements Source {

  private static final String PATH = "/v2/apps/?embed=apps.tasks";

  private final MarathonConfig config;
  private final RandomGenerator random;
  private final ApiClient api;

  Apps(MarathonConfig config, DiscoveryContext context, RandomGenerator random) throws IOException {
    this.config = config;
    this.random = random;
    // A file that is missing is told at once.
    token();
    this.api = new ApiClient(config.http(), context);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    String server = config.servers().get(random.nextInt(config.servers().size()));
    Reply reply = api.any(request(server));
    if (!reply.isOk()) {
      throw new IOException(
          "non 2xx status '" + reply.status() + "' response during marathon service discovery");
    }
    try {
      Map<String, TargetGroup> groups = new LinkedHashMap<>();
      for (JsonValue app : JsonValue.parse(reply.body()).get("apps").items()) {
        TargetGroup group = AppTargets.group(app);
        groups.put(group.source(), group);
      }
      return List.copyOf(groups.values());
    } catch (IOException e) {
      throw new IOException("\"" + server + PATH + "\": " + e.getMessage(), e);
    }
  }

  private Request request(String server) throws IOException {
    Request request;
    try {
      request = Request.get(HttpUrl.parse(server + PATH));
    } catch (IllegalArgumentException e) {
      throw new IOException("Get \"" + server + PATH + "\": " + e.getMessage(), e);
    }
    String token = token();
    // DC/OS wants it in a form of its own.
    return token.isEmpty()
        ? UserInfo.added(request, server)
        : request.header("Authorization", "token=" + token);
  }

  /** The token of DC/OS as its file is now, or empty. */
  private String token() throws IOException {
    String file = config.authTokenFile();
    if (file.isEmpty()) {
      return config.authToken();
    }
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (NoSuchFileException e) {
      throw new IOException(
          "unable to read auth token file " + file + ": no such file or directory", e);
    } catch (IOException e) {
      throw new IOException("unable to read auth token file " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    api.close();
  }
}
