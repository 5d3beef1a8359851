package io.narthex.discovery.openstack;

import io.narthex.base.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;

/**
 * Who logs in: a user with a password, or an application credential; and for which project. The
 * rules between them, and what is said about broken ones, are gophercloud's, which Prometheus uses.
 *
 * @param endpoint of the identity service
 * @param user by name, which needs a domain
 * @param userId by number, instead of the name
 * @param project by name, which needs a domain
 * @param projectId by number; the name does not count then
 * @param credential an application credential by name, which needs its user
 * @param credentialId likewise by number
 * @param credentialSecret of either
 */
record Login(
    String endpoint,
    String user,
    String userId,
    String password,
    String project,
    String projectId,
    String domain,
    String domainId,
    String credential,
    String credentialId,
    String credentialSecret) {

  /** As the configuration says. */
  static Login of(OpenStackConfig config) {
    return new Login(
        config.identityEndpoint(),
        config.username(),
        config.userId(),
        config.password(),
        config.projectName(),
        config.projectId(),
        config.domainName(),
        config.domainId(),
        config.applicationCredentialName(),
        config.applicationCredentialId(),
        config.applicationCredentialSecret());
  }

  /**
   * As the variables say that a file {@code openrc} sets.
   *
   * @throws IOException if one is missing
   */
  static Login of(Map<String, String> environment) throws IOException {
    Login login =
        new Login(
            environment.getOrDefault("OS_AUTH_URL", ""),
            environment.getOrDefault("OS_USERNAME", ""),
            environment.getOrDefault("OS_USERID", ""),
            environment.getOrDefault("OS_PASSWORD", ""),
            either(environment, "OS_PROJECT_NAME", "OS_TENANT_NAME"),
            either(environment, "OS_PROJECT_ID", "OS_TENANT_ID"),
            environment.getOrDefault("OS_DOMAIN_NAME", ""),
            environment.getOrDefault("OS_DOMAIN_ID", ""),
            environment.getOrDefault("OS_APPLICATION_CREDENTIAL_NAME", ""),
            environment.getOrDefault("OS_APPLICATION_CREDENTIAL_ID", ""),
            environment.getOrDefault("OS_APPLICATION_CREDENTIAL_SECRET", ""));
    if (login.endpoint.isEmpty()) {
      throw new IOException("Missing environment variable [OS_AUTH_URL]");
    }
    boolean credentials = !login.credential.isEmpty() || !login.credentialId.isEmpty();
    if (login.user.isEmpty() && login.userId.isEmpty() && login.credentialId.isEmpty()) {
      throw new IOException(
          "Missing one of the following environment variables [OS_USERID, OS_USERNAME]");
    }
    if (login.password.isEmpty() && !credentials) {
      throw new IOException("Missing environment variable [OS_PASSWORD]");
    }
    return login;
  }

  private static String either(Map<String, String> environment, String name, String old) {
    String value = environment.getOrDefault(name, "");
    return value.isEmpty() ? environment.getOrDefault(old, "") : value;
  }

  /**
   * The request for a token, as Keystone's API v3 wants it.
   *
   * @throws IOException if something is missing or too much
   */
  byte[] request() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonWriter json = new JsonWriter(out);
    json.beginObject().name("auth").beginObject();
    json.name("identity").beginObject().name("methods").beginArray();
    if (!password.isEmpty()) {
      json.string("password").endArray().name("password").beginObject();
      json.name("user").beginObject();
      writeUser(json);
      json.member("password", password).endObject().endObject();
    } else {
      json.string("application_credential").endArray();
      json.name("application_credential").beginObject();
      writeCredential(json);
      json.endObject();
    }
    json.endObject();
    writeScope(json);
    json.endObject().endObject();
    json.flush();
    return out.toByteArray();
  }

  private void writeUser(JsonWriter json) throws IOException {
    if (user.isEmpty() == userId.isEmpty()) {
      throw new IOException(
          "Exactly one of Username and UserID must be provided for password authentication");
    }
    if (user.isEmpty()) {
      if (!domainId.isEmpty() || !domain.isEmpty()) {
        throw new IOException(
            "You may not provide a "
                + (domainId.isEmpty() ? "DomainName" : "DomainID")
                + " when authenticating with a UserID");
      }
      json.member("id", userId);
      return;
    }
    if (domainId.isEmpty() == domain.isEmpty()) {
      throw new IOException(
          "You must provide exactly one of DomainID or DomainName to authenticate by Username");
    }
    json.member("name", user);
    writeDomain(json);
  }

  private void writeDomain(JsonWriter json) throws IOException {
    json.name("domain").beginObject();
    if (domainId.isEmpty()) {
      json.member("name", domain);
    } else {
      json.member("id", domainId);
    }
    json.endObject();
  }

  private void writeCredential(JsonWriter json) throws IOException {
    if (credentialId.isEmpty() && credential.isEmpty()) {
      throw new IOException("You must provide a password to authenticate");
    }
    if (credentialSecret.isEmpty()) {
      throw new IOException("You must provide an Application Credential Secret");
    }
    if (!credentialId.isEmpty()) {
      json.member("id", credentialId);
    } else {
      json.member("name", credential).name("user").beginObject();
      if (!userId.isEmpty()) {
        json.member("id", userId);
      } else {
        writeUser(json);
      }
      json.endObject();
    }
    json.member("secret", credentialSecret);
  }

  private void writeScope(JsonWriter json) throws IOException {
    if (project.isEmpty() && projectId.isEmpty()) {
      return;
    }
    json.name("scope").beginObject().name("project").beginObject();
    if (!projectId.isEmpty()) {
      json.member("id", projectId);
    } else {
      if (domainId.isEmpty() && domain.isEmpty()) {
        throw new IOException(
            "You must provide exactly one of DomainID or DomainName in a Scope with ProjectName");
      }
      json.member("name", project);
      writeDomain(json);
    }
    json.endObject().endObject();
  }
}
