package io.narthex.discovery.oci;

import io.narthex.base.json.JsonValue;
import io.narthex.base.time.Clock;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Pages;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Asks the services of one region, signed and not too fast. Belongs to one thread. */
final class OciApi {

  private final ApiClient api;
  private final Principal principal;
  private final Clock clock;
  private final Pace pace;

  /** An answer that says that there is nothing, or nothing for us: the API does not tell apart. */
  static final class Hidden extends IOException {
    private static final long serialVersionUID = 1;

    Hidden(IOException refusal) {
      super(refusal.getMessage(), refusal);
    }
  }

  OciApi(ApiClient api, Principal principal, Clock clock) {
    this.api = api;
    this.principal = principal;
    this.clock = clock;
    this.pace = new Pace(clock);
  }

  /**
   * Everything in a list, page by page.
   *
   * @param url with a query
   * @throws Hidden if it is not there, or not ours to see
   */
  List<JsonValue> list(String url) throws IOException, InterruptedException {
    List<JsonValue> all = new ArrayList<>();
    Pages pages = new Pages();
    String page = "";
    do {
      pages.next(page);
      String query = page.isEmpty() ? "" : "&page=" + Forms.escape(page);
      Reply reply = send(url + "&limit=100" + query);
      all.addAll(JsonValue.parse(reply.body()).items());
      String next = reply.headers().first("opc-next-page");
      page = next == null ? "" : next;
    } while (!page.isEmpty());
    return all;
  }

  /**
   * One thing.
   *
   * @throws Hidden if it is not there, or not ours to see
   */
  JsonValue get(String url) throws IOException, InterruptedException {
    return JsonValue.parse(send(url).body());
  }

  private Reply send(String url) throws IOException, InterruptedException {
    pace.await();
    Request request = Request.get(HttpUrl.parse(url)).header("Accept", "application/json");
    Reply reply = api.any(principal.signer().sign(request, clock.millis()));
    if (reply.status() == 403 || reply.status() == 404) {
      throw new Hidden(ApiClient.refusal(request, reply));
    }
    if (!reply.isOk()) {
      throw ApiClient.refusal(request, reply);
    }
    return reply;
  }
}
