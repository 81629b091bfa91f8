#include "runner/serve/log_endpoints.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/report/report_json.h"
#include "runner/engine/stored_plan.h"
#include "runner/serve/run_call.h"
#include "runner/store/test_history_json.h"
#include "stages/host/file.h"
#include "stages/log/pieces.h"
#include "stages/log/reader.h"

namespace pipeline::serve {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using api::number_in;
using api::Scope;
using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMostResults = 500;
// Proxies end what is silent for a minute, often, and people's connections sooner.
constexpr std::uint64_t kLongestWait = 30;

base::Error no_such_log() {
  return {ErrorKind::not_found, "there is no such log"};
}

// Where the attempt of the query, or its service, left what it printed. Only a job's name may have
// a slash in it: paths make a single name of that.
Result<fs::path> directory_in(const http::Request& request, run::RunId run,
                              const store::Paths& paths) {
  PIPELINE_ASSIGN(const auto attempt, number_in<std::uint32_t>(request, "attempt", 1U));
  const std::string job(request.target.parameter("job").value_or(""));
  if (job.empty()) return base::fail(no_such_log());
  const auto service = request.target.parameter("service");
  if (!service) return paths.job(run, job, attempt);
  if (service->empty() || service->starts_with('.') || service->find('/') != std::string::npos)
    return base::fail(no_such_log());
  return log::service_log(paths.job(run, job, attempt), std::string(*service));
}

// From `offset` on; never anything but the type, whatever is in it.
void answer_file(const Call& call, const fs::path& file, std::uint64_t offset, const char* type,
                 const base::Error& missing) {
  auto open = host::open_file(file, O_RDONLY | O_NOFOLLOW);
  struct stat status {};
  if (!open || ::fstat(open->get(), &status) != 0) return answer_problem(call, missing);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t from = std::min(offset, size);
  http::Response response;
  response.fields.add("Content-Type", type);
  response.fields.add("X-Content-Type-Options", "nosniff");
  response.file = http::FilePart{.file = *std::move(open), .offset = from, .length = size - from};
  call.exchange->answer(std::move(response));
}

// Which part of a log is asked for.
struct PartWish {
  fs::path directory;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> tail{};  // the last lines, instead
  std::uint64_t most = kMostBytes;
  std::chrono::seconds wait{0};  // for what comes behind the end
};

struct FoundPart {
  log::LogPart part;
  bool is_log_whole = false;  // nothing comes any more
};

Result<FoundPart> read_part(const PartWish& wish) {
  auto reader = log::LogReader::open(wish.directory);
  if (!reader && reader.error().kind() == ErrorKind::not_found) return base::fail(no_such_log());
  if (!reader) return base::fail(std::move(reader).error());
  std::uint64_t offset = wish.offset;
  if (wish.tail) {
    PIPELINE_ASSIGN(offset, reader->tail_offset(*wish.tail));
  }
  FoundPart found{.part = {}, .is_log_whole = reader->finished()};
  PIPELINE_ASSIGN(found.part, log::read_part(*reader, offset, static_cast<std::size_t>(wish.most)));
  return found;
}

Result<PartWish> wish_in(const http::Request& request, run::RunId run, const store::Paths& paths) {
  PartWish wish;
  PIPELINE_ASSIGN(wish.directory, directory_in(request, run, paths));
  PIPELINE_ASSIGN(wish.offset, number_in<std::uint64_t>(request, "offset", 0U));
  PIPELINE_ASSIGN(wish.most, number_in<std::uint64_t>(request, "most", kMostBytes));
  wish.most = std::min(wish.most, kMostBytes);
  PIPELINE_ASSIGN(const auto wait, number_in<std::uint64_t>(request, "wait", 0U));
  wish.wait = std::chrono::seconds(std::min(wait, kLongestWait));
  if (request.target.parameter("tail")) {
    PIPELINE_ASSIGN(wish.tail, number_in<std::uint64_t>(request, "tail"));
  }
  return wish;
}

enum class Look { first, last };

// Whether it is answered: the first look wants more than nothing, if more may come.
bool answer_part(const Call& call, const PartWish& wish, Look look) {
  const auto found = read_part(wish);
  if (!found) {
    answer_problem(call, found.error());
    return true;
  }
  if (look == Look::first && found->part.pieces.empty() && !found->is_log_whole) return false;
  call.exchange->answer(
      http::text_response(200, "application/octet-stream", log::encode(found->part)));
  return true;
}

template <class One>
void answer_list(const Call& call, const char* name, const Result<std::vector<One>>& list) {
  if (!list) return answer_problem(call, list.error());
  json::array array;
  for (const One& one : *list) array.push_back(store::json_of(one));
  answer_json(call, json::object{{name, std::move(array)}});
}

}  // namespace

std::vector<Endpoint> LogEndpoints::endpoints() {
  using Query = std::vector<api::QueryParameter>;
  const auto make = [this](const char* path, const char* summary, Query query,
                           void (LogEndpoints::*handle)(const Call&)) {
    Endpoint endpoint{.method = "GET",
                      .path = path,
                      .summary = summary,
                      .scope = Scope::read,
                      .query = std::move(query),
                      .about = api::About::its_run};
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  const auto job = api::text_parameter("job", "its name");
  const auto attempt = api::number_parameter("attempt", "which; without it the first");
  const auto service = api::text_parameter("service", "of that service of the job");
  const auto offset = api::number_parameter("offset", "from that byte on");
  return {
      make("/api/v1/runs/{run}/log", "What an attempt of a job, or its service, printed: the file.",
           {job, attempt, service, offset}, &LogEndpoints::log),
      make("/api/v1/runs/{run}/log/pieces",
           "The same with when each piece came (stages/log/pieces.h).",
           {job, attempt, service, offset, api::number_parameter("tail", "the last lines only"),
            api::number_parameter("most", "how many bytes at most"),
            api::number_parameter("wait", "for so many seconds, where there is nothing yet")},
           &LogEndpoints::pieces),
      make("/api/v1/runs/{run}/report", "The report of tests that an attempt of a job left.",
           {job, attempt}, &LogEndpoints::report),
      make("/api/v1/runs/{run}/past-results", "What tests came to in runs of this run's pipeline.",
           {api::text_parameter("pattern", "of names, `*` for any part"),
            api::number_parameter("limit", "how many at most")},
           &LogEndpoints::past_results),
      make("/api/v1/runs/{run}/flaky-tests",
           "Tests of this run's pipeline that passed and failed on one and the same tree.", {},
           &LogEndpoints::flaky_tests),
  };
}

void LogEndpoints::log(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  const auto offset = number_in<std::uint64_t>(call.request(), "offset", 0U);
  if (!offset) return answer_problem(call, offset.error());
  const auto directory = directory_in(call.request(), *run, parts_.paths);
  if (!directory) return answer_problem(call, directory.error());
  answer_file(call, *directory / log::kLogName, *offset, "text/plain; charset=utf-8",
              no_such_log());
}

void LogEndpoints::pieces(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  auto wish = wish_in(call.request(), *run, parts_.paths);
  if (!wish) return answer_problem(call, wish.error());
  if (wish->wait.count() == 0)
    return parts_.pool.run(
        [call, wish = *std::move(wish)] { answer_part(call, wish, Look::last); });
  std::string job(call.request().target.parameter("job").value_or(""));
  const auto ticket = parts_.waits.begin(*run, std::move(job), parts_.clock.now() + wish->wait);
  call.exchange->on_left([this, ticket] { parts_.waits.end(ticket); });
  parts_.pool.run([this, call, wish = *std::move(wish), ticket] {
    if (answer_part(call, wish, Look::first)) return parts_.waits.end(ticket);
    parts_.waits.wait(ticket, [call, wish] { answer_part(call, wish, Look::last); });
  });
}

void LogEndpoints::report(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  const auto directory = directory_in(call.request(), *run, parts_.paths);
  if (!directory) return answer_problem(call, directory.error());
  answer_file(call, *directory / report::kReportFile, 0, "application/json",
              {ErrorKind::not_found, "there is no such report"});
}

void LogEndpoints::past_results(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  const auto limit = number_in<std::uint64_t>(call.request(), "limit", 50U);
  if (!limit) return answer_problem(call, limit.error());
  const auto spec = engine::load_spec(parts_.store, *run);
  if (!spec) return answer_problem(call, spec.error());
  const std::string pattern(call.request().target.parameter("pattern").value_or("*"));
  answer_list(call, "results",
              parts_.history.results(spec->repository, spec->pipeline, pattern,
                                     static_cast<std::size_t>(std::min(*limit, kMostResults))));
}

void LogEndpoints::flaky_tests(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  const auto spec = engine::load_spec(parts_.store, *run);
  if (!spec) return answer_problem(call, spec.error());
  answer_list(call, "tests", parts_.history.flaky(spec->repository, spec->pipeline));
}

}  // namespace pipeline::serve
