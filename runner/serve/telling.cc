#include "runner/serve/telling.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "pipelines/base/timestamp.h"
#include "runner/server/api/json_call.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::MetricText;
using base::Result;
using store::NoticeState;

constexpr std::size_t kMostListed = 200;

json::object json_of(const store::Notice& notice) {
  json::object object{{"number", notice.number},
                      {"id", notice.id},
                      {"run", notice.run},
                      {"channel", to_string(notice.channel)},
                      {"receiver", notice.receiver},
                      {"summary", notice.summary},
                      {"state", to_string(notice.state)},
                      {"tries", notice.tries},
                      {"made_at", base::format_timestamp(notice.made_at)}};
  const bool is_waiting = notice.state == NoticeState::waiting;
  object[is_waiting ? "next_try_at" : "settled_at"] = base::format_timestamp(notice.at);
  if (!notice.trouble.empty()) object["trouble"] = notice.trouble;
  return object;
}

Result<store::NoticeQuery> query_in(const http::Request& request) {
  store::NoticeQuery query;
  if (const auto word = request.target.parameter("state")) {
    query.state = store::notice_state_of(*word);
    if (!query.state)
      return base::fail(base::Error(base::ErrorKind::invalid, "there is no state of that name")
                            .hint("there are waiting, sent and failed"));
  }
  PIPELINE_ASSIGN(const auto before, api::number_in<std::uint64_t>(request, "before", 0U));
  if (before > 0) query.before = before;
  PIPELINE_ASSIGN(const auto limit, api::number_in<std::uint64_t>(request, "limit", query.limit));
  query.limit = std::min<std::size_t>(limit, kMostListed);
  return query;
}

}  // namespace

Result<Telling::Stores> Telling::open_stores(const TellingStores& stores,
                                             const MakeServices& make_services) {
  Stores opened;
  opened.services = make_services();
  PIPELINE_ASSIGN(opened.notices, stores.notices());
  PIPELINE_ASSIGN(opened.repositories, stores.repositories());
  PIPELINE_ASSIGN(opened.pull_requests, stores.pull_requests());
  PIPELINE_ASSIGN(opened.runs, opened.services->runs());
  PIPELINE_ASSIGN(opened.secrets, opened.services->secrets());
  return opened;
}

Result<std::unique_ptr<Telling>> Telling::open(
    const Settings& settings, const TellingStores& stores, const MakeServices& make_services,
    const base::Clock& clock, const std::function<void(const std::string&)>& tell) {
  PIPELINE_ASSIGN(Stores announcing, open_stores(stores, make_services));
  PIPELINE_ASSIGN(Stores delivering, open_stores(stores, make_services));
  PIPELINE_ASSIGN(auto listing, stores.notices());
  return std::unique_ptr<Telling>(new Telling(
      settings, std::move(announcing), std::move(delivering), std::move(listing), clock, tell));
}

Telling::Telling(const Settings& settings, Stores announcing, Stores delivering,
                 std::unique_ptr<store::NoticeStore> listing, const base::Clock& clock,
                 const std::function<void(const std::string&)>& tell)
    : announcing_(std::move(announcing)),
      delivering_(std::move(delivering)),
      listing_(std::move(listing)),
      announcer_({.runs = *announcing_.runs,
                  .notices = *announcing_.notices,
                  .repositories = *announcing_.repositories,
                  .pull_requests = *announcing_.pull_requests,
                  .secrets = *announcing_.secrets,
                  .paths = settings.paths,
                  .clock = clock,
                  .server = settings.server,
                  .has_mail = settings.mail.has_value(),
                  .traces = settings.traces ? settings.traces->server : "",
                  .tell = tell}),
      courier_({.notices = *delivering_.notices,
                .repositories = *delivering_.repositories,
                .secrets = *delivering_.secrets,
                .mailer = settings.mail ? &mailer_.emplace(*settings.mail) : nullptr,
                .clock = clock,
                .tell = tell,
                .traces = settings.traces}),
      announcements_(clock,
                     [this] {
                       const base::TimePoint next = announcer_.advance();
                       deliveries_.wake();
                       return next;
                     }),
      deliveries_(clock, [this] { return courier_.advance(); }) {}

void Telling::start() {
  deliveries_.start();
  announcements_.start();
}

void Telling::stop() {
  courier_.cut_off();
  announcements_.stop();
  deliveries_.stop();
}

void Telling::note(run::RunId run, const run::Event* event) {
  if (announcer_.note(run, event)) announcements_.wake();
}

std::vector<api::Endpoint> Telling::endpoints() {
  return {{.method = "GET",
           .path = "/api/v1/notices",
           .summary =
               "What the world was told of runs, is to be told, or could not be told; newest "
               "first.",
           .scope = api::Scope::admin,
           .handle = [this](const api::Call& call) { list(call); },
           .query = {api::text_parameter("state", "waiting, sent or failed; all without it"),
                     api::number_parameter("before", "those older than that number"),
                     api::number_parameter("limit", "how many at most")}}};
}

void Telling::list(const api::Call& call) {
  const auto query = query_in(call.request());
  if (!query) return api::answer_problem(call, query.error());
  const auto notices = listing_->list(*query);
  if (!notices) return api::answer_problem(call, notices.error());
  json::array list;
  for (const store::Notice& notice : *notices) list.push_back(json_of(notice));
  api::answer_json(call, json::object{{"notices", std::move(list)}});
}

void Telling::add_metrics(MetricText& text) const {
  const Courier::Snapshot now = courier_.snapshot();
  text.open("pipeline_notices", MetricText::Type::gauge,
            "Messages to receivers that are kept, by what became of them.");
  for (const auto& [state, count] : now.kept)
    text.sample({{"state", std::string(to_string(state))}}, static_cast<double>(count));
  text.counter("pipeline_notices_sent_total", "Messages that receivers took since the start.",
               "channel", now.sent);
  text.counter("pipeline_notice_failures_total",
               "Tries to send a message that failed since the start.", "channel", now.failed_tries);
  text.counter("pipeline_notices_given_up_total", "Messages that were given up since the start.",
               "channel", now.given_up);
  if (now.last_failure) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.last_failure->time_since_epoch());
    text.gauge("pipeline_notice_last_failure_timestamp_seconds",
               "When a try to send a message failed last.", static_cast<double>(seconds.count()));
  }
}

}  // namespace pipeline::serve
