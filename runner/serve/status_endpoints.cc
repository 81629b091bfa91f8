#include "runner/serve/status_endpoints.h"

#include <algorithm>
#include <array>

#include "pipelines/base/text.h"
#include "runner/serve/repository_key.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"
#include "stages/host/hash.h"

namespace pipeline::serve {

namespace {

using api::Call;
using base::Result;
using notify::PipelineStatus;
using store::RepositoryEntry;

// So far back a pipeline is looked for.
constexpr std::size_t kRuns = 200;
// Where a repository's runs count if nobody says otherwise, in this order.
constexpr std::array kUsualBranches = {"main", "master", "trunk"};

bool may_see(const Call& call, const RepositoryEntry& repository) {
  return repository.is_status_public || call.caller.may(api::Scope::read, {repository.name});
}

// Shown again only after it was asked whether it is still so; by whoever keeps it for others only
// what everybody may see.
void answer(const Call& call, std::string_view type, std::string body, bool is_public) {
  std::string tag = "\"" + host::sha256(body).hex().substr(0, 32) + "\"";
  const auto known = call.request().fields.find("If-None-Match");
  http::Response response;
  if (known && (*known == tag || *known == "W/" + tag)) {
    response.status = 304;
  } else {
    response = http::text_response(200, type, std::move(body));
  }
  response.fields.add("Cache-Control", is_public ? "public, no-cache" : "private, no-cache");
  response.fields.add("ETag", std::move(tag));
  call.exchange->answer(std::move(response));
}

void refuse(const Call& call) {
  if (!call.caller.name.empty())
    return call.exchange->answer(http::problem(404, "there is no such repository"));
  // The same for one that is not there: nobody learns here which there are.
  http::Response response = http::problem(401, "a token is needed");
  response.fields.add("WWW-Authenticate", "Bearer");
  response.fields.add("WWW-Authenticate", R"(Basic realm="pipeline")");
  call.exchange->answer(std::move(response));
}

std::optional<std::string> branch_in(const Call& call) {
  const auto branch = call.request().target.parameter("branch");
  return branch ? std::optional(std::string(*branch)) : std::nullopt;
}

bool is_verdict(run::RunStatus status) {
  return status == run::RunStatus::succeeded || status == run::RunStatus::failed ||
         status == run::RunStatus::errored;
}

// Newest runs first.
void take(const store::RunSummary& run, PipelineStatus& status) {
  if (status.end) return;
  if (is_verdict(run.status)) {
    status.end = run.status;
    status.run = run.id;
    status.ended_at = run.finished_at.value_or(run.created_at);
  } else if (!run::is_terminal(run.status)) {
    status.is_building = true;
    if (status.run == 0) status.run = run.id;
  }
}

}  // namespace

std::vector<api::Endpoint> StatusEndpoints::endpoints() {
  const auto branch = api::text_parameter(
      "branch", "whose runs count; without it main, master or trunk, whichever has any");
  return {{.method = "GET",
           .path = "/cctray.xml",
           .summary = "How each pipeline is, for CCTray and its like: all that a token may see, or "
                      "those of public status.",
           .scope = std::nullopt,
           .handle = [this](const Call& call) { feed(call); },
           .proof = api::Proof::token_if_given,
           .query = {branch}},
          {.method = "GET",
           .path = "/badges/{repository}/{pipeline}",
           .summary = "How a pipeline is, as an SVG image; the pipeline's name may end with .svg.",
           .scope = std::nullopt,
           .handle = [this](const Call& call) { badge(call); },
           .proof = api::Proof::token_if_given,
           .query = {branch, api::text_parameter("label",
                                                 "what is at its left; without it the "
                                                 "pipeline's name")}}};
}

void StatusEndpoints::feed(const Call& call) {
  const auto all = parts_.repositories.list();
  if (!all) return api::answer_problem(call, all.error());
  std::vector<PipelineStatus> statuses;
  for (const RepositoryEntry& repository : *all) {
    if (!may_see(call, repository)) continue;
    const auto some = statuses_of(repository, branch_in(call));
    if (!some) return api::answer_problem(call, some.error());
    statuses.insert(statuses.end(), some->begin(), some->end());
  }
  answer(call, "application/xml; charset=utf-8", notify::cctray(statuses, parts_.server()),
         call.caller.name.empty());
}

void StatusEndpoints::badge(const Call& call) {
  constexpr std::string_view kSuffix = ".svg";
  constexpr std::size_t kLongestLabel = 60;
  const auto repository = parts_.repositories.find(call.part("repository"));
  if (!repository) return api::answer_problem(call, repository.error());
  if (!*repository || !may_see(call, **repository)) return refuse(call);
  std::string pipeline = call.part("pipeline");
  if (pipeline.ends_with(kSuffix)) pipeline.resize(pipeline.size() - kSuffix.size());
  const auto& target = call.request().target;
  const auto statuses = statuses_of(**repository, branch_in(call), pipeline);
  if (!statuses) return api::answer_problem(call, statuses.error());
  // An image that says so is of more use where images are shown than none.
  const PipelineStatus status = statuses->empty() ? PipelineStatus() : statuses->front();
  const std::string label =
      base::elide(base::printable(target.parameter("label").value_or(pipeline)), kLongestLabel);
  answer(call, "image/svg+xml; charset=utf-8", notify::badge(label, status),
         (*repository)->is_status_public);
}

Result<std::vector<PipelineStatus>> StatusEndpoints::statuses_of(
    const RepositoryEntry& repository, const std::optional<std::string>& branch,
    const std::optional<std::string>& pipeline) {
  std::vector<std::string> branches(kUsualBranches.begin(), kUsualBranches.end());
  if (branch) branches = {*branch};
  std::vector<PipelineStatus> statuses;
  for (const std::string& name : branches) {
    PIPELINE_ASSIGN(const auto runs,
                    parts_.runs.list({.pipeline = pipeline,
                                      .repository = repository_key(repository, parts_.paths),
                                      .branch = name,
                                      .limit = kRuns}));
    for (const store::RunSummary& run : runs) {
      auto found = std::ranges::find(statuses, run.pipeline, &PipelineStatus::pipeline);
      if (found == statuses.end()) {
        statuses.push_back(
            {.repository = repository.name, .pipeline = run.pipeline, .branch = name});
        found = std::prev(statuses.end());
      }
      take(run, *found);
    }
    if (!statuses.empty()) break;
  }
  std::ranges::sort(statuses, {}, &PipelineStatus::pipeline);
  return statuses;
}

}  // namespace pipeline::serve
