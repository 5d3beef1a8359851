package io.narthex.discovery.aws.api;

import io.narthex.base.json.JsonValue;
import io.narthex.base.time.Clock;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.SigV4Config;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.AwsHosts;
import io.narthex.net.request.AwsKeys;
import io.narthex.net.request.Forms;
import io.narthex.net.request.HttpClient;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import io.narthex.net.request.SigV4;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Asks Amazon's services in one region, a limited number of questions at the same time.
 * Thread-safe.
 *
 * <p>A service that is busy or stumbles is asked again twice, as AWS' own libraries do: there are
 * many questions in one search, and one that is throttled would spoil the others. Keys that were
 * refused are looked up anew with the next question, for they may have been renewed.
 */
public final class AwsClient implements AutoCloseable {

  private static final int ATTEMPTS = 3;
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final AwsService own;
  private final String endpoint;
  private final SigV4Config config;
  private final HttpClient http;
  private final Clock clock;
  private final Map<String, String> environment;
  private final Semaphore turns;

  // Guarded by this; where we are is found out once, when it is needed first.
  private @Nullable Place place;

  private record Place(String region, AwsKeys keys) {}

  /** Makes one ready with the environment of the process. */
  public AwsClient(
      AwsService own,
      String endpoint,
      SigV4Config config,
      HttpClientConfig http,
      int concurrency,
      DiscoveryContext context)
      throws IOException {
    this(own, endpoint, config, http, concurrency, context, System.getenv());
  }

  /**
   * Makes one ready.
   *
   * @param own the service whose address the endpoint is
   * @param endpoint the address; empty for the one that AWS has in the region
   * @param config region, keys and role, as far as they are given
   * @param concurrency questions at the same time
   * @throws IOException if a certificate, a key or a password cannot be read
   */
  public AwsClient(
      AwsService own,
      String endpoint,
      SigV4Config config,
      HttpClientConfig http,
      int concurrency,
      DiscoveryContext context,
      Map<String, String> environment)
      throws IOException {
    this.own = own;
    this.endpoint = endpoint;
    this.config = config;
    this.http = new HttpClient(http, context.userAgent());
    this.clock = context.clock();
    this.environment = Map.copyOf(environment);
    this.turns = new Semaphore(concurrency);
  }

  /**
   * The region.
   *
   * @throws IOException if none is given and it cannot be found out
   */
  public String region() throws IOException {
    return place().region;
  }

  private synchronized Place place() throws IOException {
    Place known = place;
    if (known == null) {
      String region = new AwsKeys(config, http, clock, environment).region();
      if (region.isEmpty()) {
        region = foundRegion();
      }
      known = new Place(region, new AwsKeys(in(region), http, clock, environment));
      place = known;
    }
    return known;
  }

  private String foundRegion() throws IOException {
    String region;
    try {
      region = new AwsKeys(config, http, clock, environment).findRegion();
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException("could not determine AWS region: " + e.getMessage(), e);
    }
    if (region.isEmpty()) {
      throw new IOException("could not determine AWS region: nobody names one");
    }
    return region;
  }

  private SigV4Config in(String region) {
    return new SigV4Config(
        region,
        config.accessKey(),
        config.secretKey(),
        config.profile(),
        config.roleArn(),
        config.externalId(),
        config.service(),
        config.useFipsStsEndpoint());
  }

  /**
   * Sends a form and reads the XML that answers.
   *
   * @param form the fields but the action and the version
   * @return what the answer holds, without what is wrapped around it
   */
  public Xml query(AwsService service, String action, Map<String, String> form)
      throws IOException, InterruptedException {
    Map<String, String> fields = new TreeMap<>(form);
    fields.put("Action", action);
    fields.put("Version", service.version());
    byte[] body = Forms.encode(fields).getBytes(StandardCharsets.US_ASCII);
    String type = "application/x-www-form-urlencoded; charset=utf-8";
    Reply reply = send(service, action, Request.post(base(service), type, body).mayRepeat());
    String asked = service + " " + action;
    Xml root;
    try {
      root = Xml.parse(reply.body());
    } catch (IOException e) {
      throw new IOException(asked + ": " + e.getMessage(), e);
    }
    if (!root.name().equals(action + "Response")) {
      throw new IOException(asked + ": the answer is an element <" + root.name() + ">");
    }
    // EC2 wraps once, the other services twice.
    String inner = action + "Result";
    if (service == AwsService.EC2) {
      return root;
    }
    if (!root.has(inner)) {
      throw new IOException(asked + ": the answer has no <" + inner + ">");
    }
    return root.get(inner);
  }

  /** Sends JSON for an action and reads the JSON that answers. */
  public JsonValue call(AwsService service, String action, byte[] json)
      throws IOException, InterruptedException {
    Request request =
        Request.post(base(service), "application/x-amz-json-1.1", json)
            .header("X-Amz-Target", service.version() + "." + action)
            .mayRepeat();
    return object(service, action, send(service, action, request));
  }

  /**
   * Asks for the JSON behind a path.
   *
   * @param action the path's name in messages
   * @param target path and query, without a slash in front
   */
  public JsonValue get(AwsService service, String action, String target)
      throws IOException, InterruptedException {
    HttpUrl base = base(service);
    Request request =
        Request.get(base.withTarget(base.target() + target)).header("Accept", "application/json");
    return object(service, action, send(service, action, request));
  }

  private static JsonValue object(AwsService service, String action, Reply reply)
      throws IOException {
    String asked = service + " " + action;
    JsonValue value;
    try {
      value = JsonValue.parse(reply.body());
    } catch (IOException e) {
      throw new IOException(asked + ": " + e.getMessage(), e);
    }
    if (!value.isObject()) {
      throw new IOException(asked + ": the answer is no JSON object");
    }
    return value;
  }

  /** Where a service is, with a slash at the end. */
  HttpUrl base(AwsService service) throws IOException {
    String named = service == own ? endpoint : "";
    if (named.isEmpty()) {
      named = environment.getOrDefault("AWS_ENDPOINT_URL_" + service.name(), "");
    }
    if (named.isEmpty()) {
      named = environment.getOrDefault("AWS_ENDPOINT_URL", "");
    }
    String region = region();
    try {
      if (named.isEmpty()) {
        return HttpUrl.of("https", AwsHosts.host(service.host(), region), "/");
      }
      HttpUrl url = HttpUrl.parse(named.contains("://") ? named : "https://" + named);
      return url.target().endsWith("/") ? url : url.withTarget(url.target() + "/");
    } catch (IllegalArgumentException e) {
      throw new IOException("the address of " + service + ": " + e.getMessage(), e);
    }
  }

  private Reply send(AwsService service, String action, Request request)
      throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      Reply reply = once(service, request);
      if (reply.isOk()) {
        return reply;
      }
      AwsFailure failure = AwsFailure.of(service + " " + action, reply);
      if (failure.isAboutKeys()) {
        place().keys.forget();
      }
      if (attempt == ATTEMPTS || !failure.isPassing()) {
        throw failure;
      }
      clock.sleep(PAUSE.multipliedBy(1L << attempt));
    }
  }

  private Reply once(AwsService service, Request request) throws IOException, InterruptedException {
    Place here = place();
    turns.acquire();
    try {
      SigV4.Keys keys = here.keys.get();
      return http.send(SigV4.signed(request, keys, here.region, service.host(), clock.millis()));
    } catch (IllegalArgumentException e) {
      throw new IOException("the keys of AWS: " + e.getMessage(), e);
    } finally {
      turns.release();
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
