#include "runner/notify/message.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "pipelines/base/base64.h"
#include "pipelines/base/timestamp.h"
#include "pipelines/notify/occasion.h"
#include "stages/host/hmac.h"

namespace pipeline::notify {

namespace {

namespace json = boost::json;
using base::Result;

std::string_view type_of(const Happening& happening) {
  if (happening.kind == Happening::Kind::finished) return "run.finished";
  return happening.kind == Happening::Kind::approval ? "run.approval" : "run.started";
}

// Slack's three characters that mean something.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&')
      safe += "&amp;";
    else if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else
      safe += c;
  }
  return safe;
}

Result<std::string> bytes_of_key(std::string_view key) {
  constexpr std::string_view kPrefix = "whsec_";
  std::string bytes(key);
  if (key.starts_with(kPrefix)) {
    auto decoded = base::from_base64(key.substr(kPrefix.size()));
    if (!decoded)
      return base::fail(base::ErrorKind::invalid,
                        "what follows \"whsec_\" in the key is no base64");
    bytes = *std::move(decoded);
  }
  if (bytes.empty()) return base::fail(base::ErrorKind::invalid, "the key is empty");
  return bytes;
}

json::object data_of(const News& news) {
  json::object data{{"run", news.run},           {"repository", news.repository},
                    {"pipeline", news.pipeline}, {"branch", news.branch},
                    {"tag", news.tag},           {"commit", news.commit},
                    {"event", news.event}};
  json::array occasions;
  for (const model::Occasion occasion : news.occasions) occasions.emplace_back(to_string(occasion));
  data["occasions"] = std::move(occasions);
  if (news.what.kind == Happening::Kind::finished) {
    data["status"] = run::to_string(news.what.status);
    json::array jobs;
    for (const Trouble& trouble : news.troubles)
      jobs.push_back({{"name", trouble.job},
                      {"status", run::to_string(trouble.status)},
                      {"reason", trouble.reason}});
    data["troubles"] = std::move(jobs);
  }
  if (news.what.kind == Happening::Kind::approval) data["job"] = news.what.job;
  data["reason"] = news.what.reason;
  if (const std::string link = link_to(news.server, news.run); !link.empty()) data["url"] = link;
  return data;
}

}  // namespace

std::string webhook_body(const News& news) {
  return json::serialize(json::object{{"type", type_of(news.what)},
                                      {"timestamp", base::format_timestamp(news.what.at)},
                                      {"data", data_of(news)}});
}

Result<Fields> webhook_fields(const std::string& id, base::TimePoint now, std::string_view body,
                              std::string_view key) {
  PIPELINE_ASSIGN(const std::string bytes, bytes_of_key(key));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string time = std::to_string(seconds);
  const auto digest = host::hmac_sha256(bytes, id + "." + time + "." + std::string(body)).bytes();
  const std::string signature(digest.begin(), digest.end());
  return Fields{{"webhook-id", id},
                {"webhook-timestamp", time},
                {"webhook-signature", "v1," + base::to_base64(signature)}};
}

std::string slack_body(const News& news) {
  std::string text = escaped(headline(news));
  if (const std::string link = link_to(news.server, news.run); !link.empty())
    text = "<" + link + "|" + text + ">";
  for (const Trouble& trouble : news.troubles) {
    if (news.what.kind != Happening::Kind::finished) break;
    text += "\n\u2022 " + escaped(trouble.job) + " " + std::string(run::to_string(trouble.status));
    if (!trouble.reason.empty()) text += ": " + escaped(trouble.reason);
  }
  if (news.what.kind == Happening::Kind::approval) text += "\n" + escaped(news.what.reason);
  return json::serialize(json::object{{"text", text}});
}

}  // namespace pipeline::notify
