#include "runner/serve/run_endpoints.h"

#include <algorithm>
#include <boost/json.hpp>

#include "runner/serve/hosted.h"
#include "runner/serve/run_call.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "runner/store/lease.h"
#include "runner/store/run_summary.h"
#include "runner/store/run_summary_json.h"
#include "stages/source/snapshot_ref.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using api::number_in;
using api::number_of;
using api::number_parameter;
using api::object_in;
using api::Scope;
using api::text_in;
using api::text_parameter;
using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kLargestMessage = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMostListed = 500;
constexpr std::size_t kMostSnapshots = 256;  // of a repository

// What a request to start a run says.
struct StartRequest {
  std::string repository;
  cli::RunOptions options;
  std::optional<std::string> branch{};  // of a working tree: the one that its author was on
};

Result<> read_params(const json::value& params, std::map<std::string, std::string>& into) {
  if (!params.is_object()) return base::fail(ErrorKind::invalid, "\"params\" has to be an object");
  for (const auto& [name, value] : params.get_object()) {
    if (!value.is_string())
      return base::fail(ErrorKind::invalid,
                        "the parameter \"" + std::string(name) + "\" has to be a text");
    into[name] = std::string(value.get_string());
  }
  return {};
}

Result<> read_stages(const json::value& stages, std::vector<std::string>& into) {
  if (!stages.is_array()) return base::fail(ErrorKind::invalid, "\"stages\" has to be a list");
  for (const json::value& stage : stages.get_array()) {
    if (!stage.is_string()) return base::fail(ErrorKind::invalid, "a stage has to be a text");
    into.emplace_back(stage.get_string());
  }
  return {};
}

Result<StartRequest> start_request_in(const Call& call) {
  PIPELINE_ASSIGN(const json::object object, object_in(call));
  constexpr std::array<std::string_view, 7> kKnown = {"repository", "pipeline", "ref",     "branch",
                                                      "params",     "stages",   "no_cache"};
  for (const auto& [name, member] : object)
    if (std::ranges::find(kKnown, std::string_view(name)) == kKnown.end())
      return base::fail(ErrorKind::invalid, "unknown member \"" + std::string(name) + "\"");
  StartRequest request;
  PIPELINE_ASSIGN(const auto repository, text_in(object, "repository"));
  PIPELINE_ASSIGN(request.options.tree.pipeline, text_in(object, "pipeline"));
  PIPELINE_ASSIGN(const auto ref, text_in(object, "ref"));
  request.repository = repository.value_or("");
  request.options.tree.ref = ref.value_or("");
  PIPELINE_ASSIGN(request.branch, text_in(object, "branch"));
  if (request.branch && !request.options.tree.ref.starts_with(source::kSnapshotRefs))
    return base::fail(ErrorKind::invalid, "only a working tree is said to be of a branch");
  if (const auto* const params = object.if_contains("params"))
    PIPELINE_TRY(read_params(*params, request.options.tree.params));
  if (const auto* const stages = object.if_contains("stages"))
    PIPELINE_TRY(read_stages(*stages, request.options.stages));
  if (const auto* const no_cache = object.if_contains("no_cache"))
    request.options.no_cache = no_cache->is_bool() && no_cache->get_bool();
  return request;
}

// What a request to try a run again says: which stages; none: what failed.
Result<std::vector<std::string>> retry_request_in(const Call& call) {
  std::vector<std::string> stages;
  if (call.request().body.empty()) return stages;
  PIPELINE_ASSIGN(const json::object object, object_in(call));
  if (const auto* const named = object.if_contains("stages"))
    PIPELINE_TRY(read_stages(*named, stages));
  return stages;
}

Result<store::RunQuery> query_in(const http::Request& request) {
  store::RunQuery query;
  const auto text = [&](const char* name) -> std::optional<std::string> {
    const auto value = request.target.parameter(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  };
  PIPELINE_ASSIGN(const auto limit, number_in<std::uint64_t>(request, "limit", 20U));
  query.limit = std::min(limit, kMostListed);
  if (text("before")) {
    PIPELINE_ASSIGN(query.before, number_in<run::RunId>(request, "before"));
  }
  query.pipeline = text("pipeline");
  query.repository = text("repository");
  query.branch = text("branch");
  if (const auto word = text("status")) {
    query.status = run::run_status_from(*word);
    if (!query.status)
      return base::fail(ErrorKind::invalid, "a run has no status \"" + *word + "\"");
  }
  return query;
}

// `what`: of which it is a run, for the audit log.
ServedRuns::Began answer_when_begun(const Call& call, const std::string& what) {
  return [call, what](const Result<run::RunId>& began) {
    if (!began) return answer_problem(call, began.error());
    call.tell("run " + std::to_string(*began) + what);
    answer_json(call, "{\"run\":" + std::to_string(*began) + "}\n", 201);
  };
}

}  // namespace

std::vector<Endpoint> RunEndpoints::endpoints() {
  const auto make = [this](const char* method, const char* path, const char* summary, Scope scope,
                           void (RunEndpoints::*handle)(const Call&),
                           std::vector<api::QueryParameter> query = {}) {
    Endpoint endpoint{.method = method,
                      .path = path,
                      .summary = summary,
                      .scope = scope,
                      .query = std::move(query)};
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    const bool is_of_one = endpoint.path.find("{run}") != std::string::npos;
    endpoint.about = is_of_one ? api::About::its_run : api::About::asks_itself;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  return {
      make("POST", "/api/v1/runs", "Starts a run of a repository's pipeline.", Scope::run,
           &RunEndpoints::start),
      make("GET", "/api/v1/runs",
           "The latest runs, newest first. `next` is what `before` has to be for more.",
           Scope::read, &RunEndpoints::list,
           {number_parameter("limit", "how many at most"),
            number_parameter("before", "older than that run"),
            text_parameter("pipeline", "of that pipeline"),
            text_parameter("repository", "of that repository"),
            text_parameter("branch", "of that branch"),
            text_parameter("status", "that are so now: running, succeeded, failed, …")}),
      make("GET", "/api/v1/runs/{run}", "A run, and whether it is under way.", Scope::read,
           &RunEndpoints::show),
      make("GET", "/api/v1/runs/{run}/events",
           "The events of a run, as they happen, until it has ended.", Scope::read,
           &RunEndpoints::events,
           {number_parameter("after", "those after that one; the header Last-Event-ID says it too"),
            text_parameter("follow", "false: only those that there are")}),
      make("POST", "/api/v1/runs/{run}/retry",
           "Runs again what of a run did not succeed, or the `stages` that are named.", Scope::run,
           &RunEndpoints::retry),
      make("POST", "/api/v1/runs/{run}/cancel", "Stops a run that is under way.", Scope::run,
           &RunEndpoints::cancel),
  };
}

void RunEndpoints::start(const Call& call) {
  auto request = start_request_in(call);
  if (!request) return answer_problem(call, request.error());
  const auto allowed = access_.expect(call.caller, Scope::run, {request->repository});
  if (!allowed) return answer_problem(call, allowed.error());
  auto address = address_of_repository(request->repository, repositories_, paths_);
  if (!address) return answer_problem(call, address.error());
  request->options.tree.repository = *std::move(address);
  request->options.detach = true;  // nobody's terminal ends it
  request->options.cause = call.caller.name;
  auto began = answer_when_begun(call, " of " + request->repository);
  if (!request->branch) return runs_.start(std::move(request->options), began);
  const auto place = paths_.repository(request->repository);
  for (const auto& folder : {place, place / "logs"})
    source::keep_newest_refs(folder / source::kSnapshotRefs, kMostSnapshots);
  // Nobody but its author has seen it.
  runs_.start_if_triggered(
      std::move(request->options),
      {.event = cli::EventName::manual, .branch = request->branch, .untrusted = true}, began);
}

void RunEndpoints::retry(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  auto stages = retry_request_in(call);
  if (!stages) return answer_problem(call, stages.error());
  runs_.retry(*run, {*std::move(stages), true, call.caller.name},
              answer_when_begun(call, " again"));
}

void RunEndpoints::list(const Call& call) {
  auto query = query_in(call.request());
  if (!query) return answer_problem(call, query.error());
  if (query->repository) {
    const auto known = repositories_.find(*query->repository);
    if (!known) return answer_problem(call, known.error());
    if (*known) query->repository = address_of(**known, paths_);
  }
  auto seen = access_.seen_by(call.caller);
  if (!seen) return answer_problem(call, seen.error());
  query->repositories = *std::move(seen);
  const auto runs = store_.list(*query);
  if (!runs) return answer_problem(call, runs.error());
  std::string body = "{\"runs\":[";
  for (const store::RunSummary& run : *runs) {
    if (body.back() != '[') body += ',';
    body += store::to_json(run);
  }
  const bool is_all = runs->size() < query->limit || runs->empty();
  const std::string next = is_all ? "null" : std::to_string(runs->back().id);
  answer_json(call, body + "],\"next\":" + next + "}\n");
}

void RunEndpoints::show(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  // Asked first: whoever drove it may have ended it since.
  const bool is_driven = store::lease_holder(paths_, *run).has_value();
  const auto runs = store_.list({.before = *run + 1, .limit = 1});
  if (!runs) return answer_problem(call, runs.error());
  if (runs->empty() || runs->front().id != *run)
    return answer_problem(call, store::unknown_run(*run));
  json::array waiting;
  for (const auto& [job, reason] : desk_.waiting(*run))
    waiting.push_back(json::object{{"job", job}, {"reason", reason}});
  std::string body = store::to_json(runs->front());
  body.insert(body.size() - 1, std::string(",\"driven\":") + (is_driven ? "true" : "false") +
                                   ",\"waiting\":" + json::serialize(waiting));
  answer_json(call, body + "\n");
}

void RunEndpoints::events(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  auto after = number_in<std::uint64_t>(call.request(), "after", 0U);
  // How a browser's EventSource says where it was.
  if (const auto last = call.request().fields.find("Last-Event-ID"))
    after = number_of<std::uint64_t>(*last).value_or(0);
  if (!after) return answer_problem(call, after.error());
  const auto follow = call.request().target.parameter("follow").value_or("true");
  const auto until = follow == "false" ? EventFeed::Until::now : EventFeed::Until::end;
  if (const auto followed = feed_.follow(*run, *after, until, call.exchange); !followed)
    answer_problem(call, followed.error());
}

void RunEndpoints::cancel(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  if (runs_.cancel(*run)) return answer_json(call, "{\"run\":" + std::to_string(*run) + "}\n", 202);
  call.exchange->answer(http::problem(
      base::Error(ErrorKind::invalid, "run " + std::to_string(*run) + " is not under way")));
}

}  // namespace pipeline::serve
