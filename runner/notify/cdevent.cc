#include "runner/notify/cdevent.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "agents/http/server_address.h"
#include "pipelines/base/timestamp.h"

namespace pipeline::notify {

namespace {

namespace json = boost::json;
using Kind = Happening::Kind;

constexpr std::string_view kVersion = "0.5.1";        // of CDEvents
constexpr std::string_view kEventVersion = ".0.3.0";  // of each of these events in it

bool is_of_job(const Happening& happening) {
  return happening.kind == Kind::job_started || happening.kind == Kind::job_finished;
}

std::string_view outcome_of(run::RunStatus status) {
  if (status == run::RunStatus::succeeded) return "success";
  if (status == run::RunStatus::cancelled) return "cancel";
  return status == run::RunStatus::failed ? "failure" : "error";
}

// A job that took too long has failed.
std::string_view outcome_of(run::JobStatus status) {
  if (run::is_success(status)) return "success";
  if (status == run::JobStatus::cancelled) return "cancel";
  return status == run::JobStatus::errored ? "error" : "failure";
}

std::string subject_id(const News& news) {
  std::string id = "run/" + std::to_string(news.run);
  if (is_of_job(news.what))
    id += "/job/" + http_client::escaped(news.what.job) + "/" + std::to_string(news.what.attempt);
  return id;
}

std::string source_of(const News& news) {
  return news.server.empty() ? "urn:pipeline:" + http_client::escaped(news.repository)
                             : news.server + "/" + http_client::escaped(news.repository);
}

std::string errors_of(const News& news) {
  std::string errors = news.what.reason;
  for (const Trouble& trouble : news.troubles)
    errors += (errors.empty() ? "" : "\n") + trouble.job + ": " + trouble.reason;
  return errors;
}

json::object content_of(const News& news) {
  const Happening& what = news.what;
  const std::string link = link_to(news.server, news.run);
  json::object content;
  content[is_of_job(what) ? "taskName" : "pipelineName"] =
      is_of_job(what) ? what.job : news.pipeline;
  content["uri"] = link.empty() ? "urn:pipeline:run:" + std::to_string(news.run) : link;
  if (is_of_job(what)) {
    content["pipelineRun"] =
        json::object{{"id", "run/" + std::to_string(news.run)}, {"source", source_of(news)}};
    if (what.kind == Kind::job_finished) {
      content["outcome"] = outcome_of(what.job_status);
      if (!what.reason.empty()) content["errors"] = what.reason;
    }
  } else if (what.kind == Kind::finished) {
    content["outcome"] = outcome_of(what.status);
    if (what.status != run::RunStatus::succeeded) content["errors"] = errors_of(news);
  }
  return content;
}

}  // namespace

std::optional<std::string_view> cdevent_subject(const Happening& happening) {
  switch (happening.kind) {
    case Kind::queued:
      return "pipelinerun.queued";
    case Kind::started:
      return "pipelinerun.started";
    case Kind::finished:
      return "pipelinerun.finished";
    case Kind::job_started:
      return "taskrun.started";
    case Kind::job_finished:
      return "taskrun.finished";
    case Kind::approval:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string cdevent_body(const News& news, const std::string& id) {
  std::string type = "dev.cdevents.";
  type += cdevent_subject(news.what).value_or("");
  type += kEventVersion;
  const json::object context{{"specversion", kVersion},
                             {"id", id},
                             {"source", source_of(news)},
                             {"type", type},
                             {"timestamp", base::format_timestamp(news.what.at)}};
  const json::object subject{
      {"id", subject_id(news)}, {"source", source_of(news)}, {"content", content_of(news)}};
  const json::object custom{{"repository", news.repository},
                            {"branch", news.branch},
                            {"tag", news.tag},
                            {"commit", news.commit}};
  return json::serialize(json::object{{"context", context},
                                      {"subject", subject},
                                      {"customData", custom},
                                      {"customDataContentType", "application/json"}});
}

base::Result<Fields> cdevent_fields(std::string_view body) {
  boost::system::error_code error;
  const json::value event = json::parse(body, error);
  if (error) return base::fail(base::ErrorKind::corrupt, "the event is no JSON");
  const json::object& context = event.at("context").as_object();
  const auto text = [](const json::value& value) { return std::string(value.as_string()); };
  return Fields{{"ce-specversion", "1.0"},
                {"ce-id", text(context.at("id"))},
                {"ce-source", text(context.at("source"))},
                {"ce-type", text(context.at("type"))},
                {"ce-subject", text(event.at("subject").at("id"))},
                {"ce-time", text(context.at("timestamp"))}};
}

}  // namespace pipeline::notify
