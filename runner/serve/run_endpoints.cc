#include "runner/serve/run_endpoints.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/json.hpp>

#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "runner/store/run_summary_json.h"
#include "stages/host/file.h"
#include "stages/log/format.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using api::number_in;
using api::number_of;
using api::object_in;
using api::Scope;
using api::text_in;
using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kLargestMessage = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMostListed = 500;

// None, and the call is answered, when the path names no run.
std::optional<run::RunId> run_in(const Call& call) {
  const auto run = number_of<run::RunId>(call.part("run"));
  if (!run) call.exchange->answer(http::problem(404, "a run has a number"));
  return run;
}

// What a request to start a run says.
struct StartRequest {
  std::string repository;
  cli::RunOptions options;
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
  constexpr std::array<std::string_view, 6> kKnown = {"repository", "pipeline", "ref",
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
  if (const auto* const params = object.if_contains("params"))
    PIPELINE_TRY(read_params(*params, request.options.tree.params));
  if (const auto* const stages = object.if_contains("stages"))
    PIPELINE_TRY(read_stages(*stages, request.options.stages));
  if (const auto* const no_cache = object.if_contains("no_cache"))
    request.options.no_cache = no_cache->is_bool() && no_cache->get_bool();
  return request;
}

}  // namespace

std::vector<Endpoint> RunEndpoints::endpoints() {
  const auto make = [this](const char* method, const char* path, const char* summary, Scope scope,
                           void (RunEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = scope};
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  return {
      make("POST", "/api/v1/runs", "Starts a run of a repository's pipeline.", Scope::run,
           &RunEndpoints::start),
      make("GET", "/api/v1/runs", "The latest runs, newest first.", Scope::read,
           &RunEndpoints::list),
      make("GET", "/api/v1/runs/{run}/events",
           "The events of a run, from the first on and as they happen, until it has ended.",
           Scope::read, &RunEndpoints::events),
      make("GET", "/api/v1/runs/{run}/log", "What a job printed, from an offset on.", Scope::read,
           &RunEndpoints::log),
      make("POST", "/api/v1/runs/{run}/cancel", "Stops a run that is under way.", Scope::run,
           &RunEndpoints::cancel),
  };
}

void RunEndpoints::start(const Call& call) {
  auto request = start_request_in(call);
  if (!request) return answer_problem(call, request.error());
  const auto known = repositories_.find(request->repository);
  if (!known) return answer_problem(call, known.error());
  if (!*known)
    return call.exchange->answer(http::problem(
        base::Error(ErrorKind::not_found, "there is no repository \"" + request->repository + "\"")
            .hint("pipeline repo add " + request->repository + " makes it known")));
  request->options.tree.repository =
      (*known)->url.value_or(paths_.repository(request->repository).string());
  request->options.detach = true;  // nobody's terminal ends it
  runs_.start(std::move(request->options),
              [exchange = call.exchange](const Result<run::RunId>& began) {
                if (!began) return exchange->answer(http::problem(began.error()));
                exchange->answer(http::text_response(201, "application/json",
                                                     "{\"run\":" + std::to_string(*began) + "}\n"));
              });
}

void RunEndpoints::list(const Call& call) {
  const auto limit = number_in<std::uint64_t>(call.request(), "limit", 20U);
  if (!limit) return answer_problem(call, limit.error());
  const auto runs = store_.list(std::min(*limit, kMostListed));
  if (!runs) return answer_problem(call, runs.error());
  std::string body = "{\"runs\":[";
  for (const store::RunSummary& run : *runs) {
    if (body.back() != '[') body += ',';
    body += store::to_json(run);
  }
  answer_json(call, body + "]}\n");
}

void RunEndpoints::events(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  auto after = number_in<std::uint64_t>(call.request(), "after", 0U);
  // How a browser's EventSource says where it was.
  if (const auto last = call.request().fields.find("Last-Event-ID"))
    after = number_of<std::uint64_t>(*last).value_or(0);
  if (!after) return answer_problem(call, after.error());
  if (const auto followed = feed_.follow(*run, *after, call.exchange); !followed)
    answer_problem(call, followed.error());
}

void RunEndpoints::log(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  const http::Request& request = call.request();
  const auto attempt = number_in<std::uint32_t>(request, "attempt", 1U);
  const auto offset = number_in<std::uint64_t>(request, "offset", 0U);
  if (!attempt) return answer_problem(call, attempt.error());
  if (!offset) return answer_problem(call, offset.error());
  const std::string job(request.target.parameter("job").value_or(""));
  const auto file = paths_.job(*run, job, *attempt) / log::kLogName;
  auto open = host::open_file(file, O_RDONLY | O_NOFOLLOW);
  struct stat status {};
  if (job.empty() || !open || ::fstat(open->get(), &status) != 0)
    return call.exchange->answer(http::problem(404, "there is no such log"));
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t from = std::min(*offset, size);
  http::Response response;
  response.fields.add("Content-Type", "text/plain; charset=utf-8");
  // Never anything but text, whatever the job printed.
  response.fields.add("X-Content-Type-Options", "nosniff");
  response.file = http::FilePart{.file = *std::move(open), .offset = from, .length = size - from};
  call.exchange->answer(std::move(response));
}

void RunEndpoints::cancel(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  if (runs_.cancel(*run)) return answer_json(call, "{\"run\":" + std::to_string(*run) + "}\n", 202);
  call.exchange->answer(http::problem(
      base::Error(ErrorKind::invalid, "run " + std::to_string(*run) + " is not under way")));
}

}  // namespace pipeline::serve
