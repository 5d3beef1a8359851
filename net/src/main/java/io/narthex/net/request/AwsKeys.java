package io.narthex.net.request;

import io.narthex.base.time.Clock;
import io.narthex.net.client.SigV4Config;
import io.narthex.net.connect.HttpUrl;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds keys for AWS where AWS' own programs look: the configuration; the environment; the shared
 * files of credentials and of settings; a web identity's token; the container's and at last the
 * machine's role. Where a role is named, it is assumed with them. Temporary keys are kept until
 * five minutes before their end. Thread-safe.
 */
public final class AwsKeys {

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long EARLY_MILLIS = Duration.ofMinutes(5).toMillis();
  private static final String SESSION = "narthex";

  private final SigV4Config config;
  private final HttpClient client;
  private final Clock clock;
  private final Map<String, String> environment;

  // Guarded by this.
  private @Nullable Temporary kept;

  private record Temporary(SigV4.Keys keys, long endMillis) {}

  /**
   * @param client for STS and the metadata services
   * @param environment of the process
   */
  public AwsKeys(
      SigV4Config config, HttpClient client, Clock clock, Map<String, String> environment) {
    this.config = config;
    this.client = client;
    this.clock = clock;
    this.environment = Map.copyOf(environment);
  }

  /** The region: the configured one, or the environment's; empty if there is none. */
  public String region() {
    String named = config.region().isEmpty() ? env("AWS_REGION") : config.region();
    return named.isEmpty() ? env("AWS_DEFAULT_REGION") : named;
  }

  /**
   * The region: as {@link #region} finds it, or the one in the shared configuration file, or the
   * one that the machine stands in.
   *
   * @throws IOException if it cannot be found out
   */
  public String findRegion() throws IOException {
    String named = region();
    if (named.isEmpty()) {
      named = settings(profile()).getOrDefault("region", "");
    }
    return named.isEmpty() ? machineRegion() : named;
  }

  /** Forgets the keys, which were refused: the next ones are looked up anew. */
  public synchronized void forget() {
    kept = null;
  }

  /** Keys that are good now. */
  public synchronized SigV4.Keys get() throws IOException {
    Temporary known = kept;
    if (known != null && clock.millis() < known.endMillis - EARLY_MILLIS) {
      return known.keys;
    }
    Temporary found = find();
    if (!config.roleArn().isEmpty()) {
      found = assume(found.keys);
    }
    kept = found;
    return found.keys;
  }

  private String env(String name) {
    return environment.getOrDefault(name, "");
  }

  private static Temporary lasting(String access, String secret, String session) {
    return new Temporary(new SigV4.Keys(access, secret, session), Long.MAX_VALUE);
  }

  private Temporary find() throws IOException {
    if (!config.accessKey().isEmpty()) {
      return lasting(config.accessKey(), config.secretKey(), "");
    }
    if (config.profile().isEmpty() && !env("AWS_ACCESS_KEY_ID").isEmpty()) {
      return lasting(
          env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"), env("AWS_SESSION_TOKEN"));
    }
    Temporary shared = shared();
    if (shared != null) {
      return shared;
    }
    if (!env("AWS_WEB_IDENTITY_TOKEN_FILE").isEmpty()) {
      return webIdentity();
    }
    if (!env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").isEmpty()) {
      return container("http://169.254.170.2" + env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"));
    }
    if (!env("AWS_CONTAINER_CREDENTIALS_FULL_URI").isEmpty()) {
      return container(env("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
    }
    return machine();
  }

  private @Nullable Temporary shared() throws IOException {
    String profile = profile();
    Map<String, String> fields = settings(profile);
    String access = fields.getOrDefault("aws_access_key_id", "");
    if (access.isEmpty()) {
      if (!profile.isEmpty()) {
        throw new IOException("failed to get shared config profile, " + profile);
      }
      return null;
    }
    return lasting(
        access,
        fields.getOrDefault("aws_secret_access_key", ""),
        fields.getOrDefault("aws_session_token", ""));
  }

  private String profile() {
    return config.profile().isEmpty() ? env("AWS_PROFILE") : config.profile();
  }

  /** What the two shared files say of a profile; the credentials file wins. */
  private Map<String, String> settings(String profile) throws IOException {
    String name = profile.isEmpty() ? "default" : profile;
    Map<String, String> fields = new TreeMap<>();
    String titled = name.equals("default") ? name : "profile " + name;
    fields.putAll(section(file("AWS_CONFIG_FILE", "config"), titled));
    fields.putAll(section(file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), name));
    return fields;
  }

  /** The text of a shared file; empty if there is none. */
  private String file(String variable, String name) throws IOException {
    String named = env(variable);
    if (named.isEmpty() && env("HOME").isEmpty()) {
      return "";
    }
    try {
      return Files.readString(
          named.isEmpty() ? Path.of(env("HOME"), ".aws", name) : Path.of(named));
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static Map<String, String> section(String text, String name) {
    Map<String, String> fields = new TreeMap<>();
    boolean inside = false;
    for (String line : text.lines().map(String::strip).toList()) {
      int equals = line.indexOf('=');
      if (line.startsWith("[")) {
        inside = line.equals("[" + name + "]");
      } else if (inside && equals > 0 && !line.startsWith("#")) {
        fields.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
      }
    }
    return fields;
  }

  private HttpUrl sts() throws IOException {
    String own = env("AWS_ENDPOINT_URL_STS");
    if (!own.isEmpty()) {
      return HttpUrl.parse(own);
    }
    if (region().isEmpty()) {
      throw new IOException("region not configured in sigv4 or in default credentials chain");
    }
    String fips = config.useFipsStsEndpoint() ? "-fips" : "";
    return HttpUrl.of("https", AwsHosts.host("sts" + fips, region()), "/");
  }

  private Temporary assume(SigV4.Keys keys) throws IOException {
    Map<String, String> form = new TreeMap<>();
    form.put("Action", "AssumeRole");
    form.put("Version", "2011-06-15");
    form.put("RoleArn", config.roleArn());
    form.put("RoleSessionName", SESSION);
    if (!config.externalId().isEmpty()) {
      form.put("ExternalId", config.externalId());
    }
    String region = region().isEmpty() ? "us-east-1" : region();
    return temporary(SigV4.signed(form(sts(), form), keys, region, "sts", clock.millis()));
  }

  private Temporary webIdentity() throws IOException {
    Map<String, String> form = new TreeMap<>();
    form.put("Action", "AssumeRoleWithWebIdentity");
    form.put("Version", "2011-06-15");
    form.put("RoleArn", env("AWS_ROLE_ARN"));
    String name = env("AWS_ROLE_SESSION_NAME");
    form.put("RoleSessionName", name.isEmpty() ? SESSION : name);
    form.put(
        "WebIdentityToken", Files.readString(Path.of(env("AWS_WEB_IDENTITY_TOKEN_FILE"))).strip());
    return temporary(form(sts(), form));
  }

  private static Request form(HttpUrl url, Map<String, String> fields) {
    return Request.post(
            url,
            "application/x-www-form-urlencoded",
            Forms.encode(fields).getBytes(StandardCharsets.US_ASCII))
        .timeout(PATIENCE)
        .mayRepeat();
  }

  /** The keys in an answer of STS, which is XML of a few known elements. */
  private Temporary temporary(Request request) throws IOException {
    Reply reply = client.send(request);
    String text = reply.text();
    if (!reply.isOk()) {
      throw new IOException(
          "STS: "
              + reply.statusText()
              + ": "
              + element(text, "Code")
              + ": "
              + element(text, "Message"));
    }
    return temporary(
        element(text, "AccessKeyId"),
        element(text, "SecretAccessKey"),
        element(text, "SessionToken"),
        element(text, "Expiration"));
  }

  private static String element(String xml, String name) {
    int from = xml.indexOf("<" + name + ">");
    int to = xml.indexOf("</" + name + ">");
    return from < 0 || to < from ? "" : xml.substring(from + name.length() + 2, to).strip();
  }

  private static Temporary temporary(String access, String secret, String token, String end)
      throws IOException {
    if (access.isEmpty() || secret.isEmpty()) {
      throw new IOException("an answer of AWS without keys");
    }
    try {
      long until = end.isEmpty() ? Long.MAX_VALUE : Instant.parse(end).toEpochMilli();
      return new Temporary(new SigV4.Keys(access, secret, token), until);
    } catch (DateTimeParseException e) {
      throw new IOException("an answer of AWS with the time " + end, e);
    }
  }

  private Temporary container(String url) throws IOException {
    Request request = Request.get(HttpUrl.parse(url)).timeout(PATIENCE);
    String file = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    String token =
        file.isEmpty()
            ? env("AWS_CONTAINER_AUTHORIZATION_TOKEN")
            : Files.readString(Path.of(file)).strip();
    return metadata(token.isEmpty() ? request : request.header("Authorization", token));
  }

  /** The role of the machine: its metadata service, version 2. */
  private Temporary machine() throws IOException {
    HttpUrl base = machineService();
    String session = machineSession(base);
    HttpUrl roles = base.withTarget("/latest/meta-data/iam/security-credentials/");
    String role =
        ok(client.send(withSession(roles, session))).text().lines().findFirst().orElse("");
    return metadata(withSession(base.withTarget(roles.target() + role.strip()), session));
  }

  private String machineRegion() throws IOException {
    HttpUrl base = machineService();
    HttpUrl region = base.withTarget("/latest/meta-data/placement/region");
    return ok(client.send(withSession(region, machineSession(base)))).text().strip();
  }

  private HttpUrl machineService() throws IOException {
    if (env("AWS_EC2_METADATA_DISABLED").equalsIgnoreCase("true")) {
      throw new IOException("the metadata service of AWS is not to be asked");
    }
    String endpoint = env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    return HttpUrl.parse(endpoint.isEmpty() ? "http://169.254.169.254" : endpoint);
  }

  private String machineSession(HttpUrl base) throws IOException {
    Request ask =
        Request.get(base.withTarget("/latest/api/token"))
            .method("PUT")
            .header("X-aws-ec2-metadata-token-ttl-seconds", "300")
            .timeout(PATIENCE);
    return ok(client.send(ask)).text();
  }

  private static Request withSession(HttpUrl url, String session) {
    return Request.get(url).header("X-aws-ec2-metadata-token", session).timeout(PATIENCE);
  }

  private Temporary metadata(Request request) throws IOException {
    Map<String, String> fields = FlatJson.read(ok(client.send(request)).body());
    return temporary(
        fields.getOrDefault("AccessKeyId", ""),
        fields.getOrDefault("SecretAccessKey", ""),
        fields.getOrDefault("Token", ""),
        fields.getOrDefault("Expiration", ""));
  }

  private static Reply ok(Reply reply) throws IOException {
    if (!reply.isOk()) {
      throw new IOException("no answer from the metadata service of AWS: " + reply.statusText());
    }
    return reply;
  }
}
