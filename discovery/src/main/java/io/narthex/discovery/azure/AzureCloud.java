package io.narthex.discovery.azure;

import io.narthex.base.text.GoQuote;
import java.io.IOException;
import java.util.Locale;

/** Azure's clouds, each with its own addresses. */
enum AzureCloud {
  PUBLIC("AzurePublic", "https://management.azure.com", "https://management.core.windows.net/"),
  CHINA(
      "AzureChina",
      "https://management.chinacloudapi.cn",
      "https://management.core.chinacloudapi.cn"),
  GOVERNMENT(
      "AzureGovernment",
      "https://management.usgovcloudapi.net",
      "https://management.core.usgovcloudapi.net");

  private final String text;
  private final String endpoint;
  private final String audience;

  AzureCloud(String text, String endpoint, String audience) {
    this.text = text;
    this.endpoint = endpoint;
    this.audience = audience;
  }

  /** Its name where tokens are configured. */
  String text() {
    return text;
  }

  /** The resource manager, without a slash at the end. */
  String endpoint() {
    return endpoint;
  }

  /** What a token for the resource manager must be good for. */
  String scope() {
    return audience + "/.default";
  }

  /**
   * The cloud of an {@code environment}, in any case.
   *
   * @throws IOException if there is none of the name
   */
  static AzureCloud of(String environment) throws IOException {
    String name = environment.toUpperCase(Locale.ROOT);
    return switch (name) {
      case "AZURECHINACLOUD" -> CHINA;
      // The German cloud was closed in 2021; its machines are in the public one.
      case "AZURECLOUD", "AZUREGERMANCLOUD", "AZUREPUBLICCLOUD" -> PUBLIC;
      case "AZUREUSGOVERNMENT", "AZUREUSGOVERNMENTCLOUD" -> GOVERNMENT;
      default ->
          throw new IOException(
              "could not create Azure client: there is no cloud configuration matching the name "
                  + GoQuote.quote(name));
    };
  }
}
