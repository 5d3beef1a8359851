package io.narthex.api.v1;

import io.narthex.base.text.GoQuote;
import io.narthex.net.http.HttpRequest;
import java.util.Locale;

/** Rules, alerts and who hears of them. There are none yet: a configuration with any is refused. */
final class RuleEndpoints {

  Answer rules(HttpRequest request) throws ApiException {
    String type = request.query().first("type").toLowerCase(Locale.ROOT);
    if (!type.isEmpty() && !type.equals("alert") && !type.equals("record")) {
      throw ApiException.invalid("type", "not supported value " + GoQuote.quote(type));
    }
    return Answer.of(json -> json.beginObject().name("groups").beginArray().endArray().endObject());
  }

  Answer alerts(HttpRequest request) {
    return Answer.of(json -> json.beginObject().name("alerts").beginArray().endArray().endObject());
  }

  Answer alertmanagers(HttpRequest request) {
    return Answer.of(json -> {
      json.beginObject().name("activeAlertmanagers").beginArray().endArray();
      json.name("droppedAlertmanagers").beginArray().endArray().endObject();
    });
  }
}
