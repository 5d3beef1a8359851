package io.narthex.discovery.openstack;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Pages;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Services that a token opens; lists are read to their last page. */
final class Session {

  private final ApiClient api;
  private final Keystone.Granted granted;
  private final String region;
  private final String availability;
  private final Duration timeout;

  /**
   * @param region whose services are asked, empty for any
   * @param availability which of a service's addresses: public, admin or internal
   */
  Session(
      ApiClient api,
      Keystone.Granted granted,
      String region,
      String availability,
      Duration timeout) {
    this.api = api;
    this.granted = granted;
    this.region = region;
    this.availability = availability;
    this.timeout = timeout;
  }

  /**
   * The address of a service, with a slash at the end.
   *
   * @param type in the catalogue
   * @param name in messages
   * @throws IOException if the catalogue has none
   */
  String endpoint(String type, String name) throws IOException {
    for (JsonValue service : granted.catalog().items()) {
      if (service.text("type").equals(type)) {
        for (JsonValue endpoint : service.get("endpoints").items()) {
          if (endpoint.text("interface").equals(availability) && isHere(endpoint)) {
            String url = endpoint.text("url");
            return url.endsWith("/") ? url : url + "/";
          }
        }
      }
    }
    throw new IOException(
        "could not create OpenStack "
            + name
            + " session: No suitable endpoint could be found in the service catalog.");
  }

  /** The same for a service whose lists are below its version 2. */
  String versioned(String type, String name) throws IOException {
    String endpoint = endpoint(type, name);
    return endpoint.endsWith("/v2.0/") ? endpoint : endpoint + "v2.0/";
  }

  private boolean isHere(JsonValue endpoint) throws IOException {
    return region.isEmpty()
        || endpoint.text("region").equals(region)
        || endpoint.text("region_id").equals(region);
  }

  /**
   * Everything in a list.
   *
   * @param url of the first page; others are where their links lead
   * @param name of the list in the answer
   */
  List<JsonValue> list(String url, String name) throws IOException, InterruptedException {
    List<JsonValue> all = new ArrayList<>();
    Pages pages = new Pages();
    String page = url;
    while (!page.isEmpty()) {
      Request request =
          Request.get(HttpUrl.parse(pages.next(page)))
              .header("Accept", "application/json")
              .header("X-Auth-Token", granted.token())
              .timeout(timeout);
      JsonValue answer = api.json(request);
      all.addAll(answer.get(name).items());
      page = "";
      for (JsonValue link : answer.get(name + "_links").items()) {
        page = link.text("rel").equals("next") ? link.text("href") : page;
      }
    }
    return all;
  }
}
