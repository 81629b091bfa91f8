#include "runner/cli/server_runs.h"

#include <boost/json.hpp>

#include "pipelines/report/report_json.h"
#include "pipelines/run/event_json.h"
#include "runner/cli/server_log.h"
#include "runner/store/run_summary_json.h"
#include "runner/store/test_history_json.h"
#include "stages/artifact/artifact_store.h"
#include "stages/workspace/scratch_directory.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Result;
using http_client::escaped;

std::string path_of(run::RunId id) {
  return "/runs/" + std::to_string(id);
}

std::string query_of(const store::RunQuery& query) {
  std::string text = "?limit=" + std::to_string(query.limit);
  const auto add = [&text](const char* name, const std::optional<std::string>& value) {
    if (value) text += "&" + std::string(name) + "=" + escaped(*value);
  };
  if (query.before) add("before", std::to_string(*query.before));
  add("pipeline", query.pipeline);
  add("repository", query.repository);
  add("branch", query.branch);
  if (query.status) add("status", std::string(run::to_string(*query.status)));
  return text;
}

// Empty where an answer has no such text.
std::string text_of(const json::value& value, const char* name) {
  const auto* const object = value.if_object();
  const auto* const member = object == nullptr ? nullptr : object->if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : "";
}

class ServerRuns final : public RunReader {
 public:
  explicit ServerRuns(ServerClient client) : client_(std::move(client)) {}

  // A server answers with a page at a time.
  Result<std::vector<store::RunSummary>> list(const store::RunQuery& query) override {
    std::vector<store::RunSummary> runs;
    for (store::RunQuery page = query; runs.size() < query.limit;) {
      page.limit = query.limit - runs.size();
      PIPELINE_ASSIGN(const json::value answer, client_.get("/runs" + query_of(page)));
      PIPELINE_ASSIGN(auto some, list_in(answer, "runs", &store::run_summary_from_json));
      runs.insert(runs.end(), some.begin(), some.end());
      const auto* const next = answer.as_object().if_contains("next");
      if (some.empty() || next == nullptr || next->is_null()) break;
      page.before = runs.back().id;
    }
    return runs;
  }

  Result<std::vector<run::Event>> events(run::RunId id, std::uint64_t after) override {
    std::vector<run::Event> events;
    Result<> understood;
    const auto heard =
        client_.follow(path_of(id) + "/events?follow=false&after=" + std::to_string(after),
                       [&](std::string_view line) {
                         const auto event = run::event_from_json(line);
                         if (event) events.push_back(*event);
                         if (!event) understood = base::fail(event.error());
                         return understood.has_value();
                       });
    PIPELINE_TRY(understood);
    PIPELINE_TRY(heard);
    return events;
  }

  Result<bool> is_driven(run::RunId id) override {
    const auto run = client_.get(path_of(id));
    if (!run && run.error().kind() == base::ErrorKind::not_found) return false;
    if (!run) return base::fail(run.error());
    const auto* const object = run->if_object();
    const auto* const driven = object == nullptr ? nullptr : object->if_contains("driven");
    return driven != nullptr && driven->is_bool() && driven->get_bool();
  }

  Result<std::vector<WaitingJob>> waiting_jobs(run::RunId id) override {
    return waiting_jobs_of(client_, id);
  }

  Result<std::unique_ptr<log::LogSource>> open_log(
      const AttemptName& name, const std::optional<std::string>& service) override {
    const std::string of_service = service ? "&service=" + escaped(*service) : std::string();
    return ServerLog::open(client_, path_of(name.run) + "/log/pieces?job=" + escaped(name.job) +
                                        "&attempt=" + std::to_string(name.attempt) + of_service);
  }

  Result<report::TestReport> report(const AttemptName& name) override {
    PIPELINE_ASSIGN(const std::string text,
                    client_.get_text(path_of(name.run) + "/report?job=" + escaped(name.job) +
                                     "&attempt=" + std::to_string(name.attempt)));
    return report::report_from_json(text);
  }

  Result<std::vector<store::PastResult>> past_results(run::RunId id, const std::string& pattern,
                                                      std::size_t limit) override {
    PIPELINE_ASSIGN(const json::value answer,
                    client_.get(path_of(id) + "/past-results?pattern=" + escaped(pattern) +
                                "&limit=" + std::to_string(limit)));
    return list_in(answer, "results", &store::past_result_from_json);
  }

  Result<std::vector<store::FlakyTest>> flaky_tests(run::RunId id) override {
    PIPELINE_ASSIGN(const json::value answer, client_.get(path_of(id) + "/flaky-tests"));
    return list_in(answer, "tests", &store::flaky_test_from_json);
  }

  Result<> unpack(run::RunId id, const base::Digest& artifact,
                  const std::filesystem::path& destination) override {
    // Beside the destination: what is unpacked goes there by rename.
    PIPELINE_ASSIGN(const auto scratch, workspace::ScratchDirectory::make(destination.parent_path(),
                                                                          ".pipeline-download-"));
    const artifact::ArtifactStore store(scratch.path() / "artifacts");
    const auto packed = scratch.path() / "packed";
    PIPELINE_TRY(
        client_.download("/artifacts/" + artifact.hex() + "?run=" + std::to_string(id), packed));
    PIPELINE_TRY(store.adopt(artifact, packed));
    return store.unpack(artifact, destination);
  }

 private:
  ServerClient client_;
};

}  // namespace

Result<std::vector<RunReader::WaitingJob>> waiting_jobs_of(ServerClient& client, run::RunId id) {
  PIPELINE_ASSIGN(const json::value run, client.get(path_of(id)));
  std::vector<RunReader::WaitingJob> jobs;
  const auto* const object = run.if_object();
  const auto* const waiting = object == nullptr ? nullptr : object->if_contains("waiting");
  if (waiting == nullptr || !waiting->is_array()) return jobs;  // an older server does not say
  for (const json::value& one : waiting->get_array())
    jobs.push_back({text_of(one, "job"), text_of(one, "reason")});
  return jobs;
}

std::unique_ptr<RunReader> server_runs(ServerClient client) {
  return std::make_unique<ServerRuns>(std::move(client));
}

}  // namespace pipeline::cli
