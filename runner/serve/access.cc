#include "runner/serve/access.h"

#include <algorithm>

#include "runner/engine/stored_plan.h"
#include "runner/serve/hosted.h"
#include "runner/server/api/json_call.h"
#include "runner/server/api/role_missing.h"
#include "runner/store/run_summary.h"

namespace pipeline::serve {

namespace {

using api::Caller;
using api::Scope;
using base::Result;

std::optional<run::RunId> run_of_query(const http::Request& request) {
  const auto text = request.target.parameter("run");
  return text ? api::number_of<run::RunId>(*text) : std::nullopt;
}

bool has_made(const run::RunState& state, std::string_view digest) {
  return std::ranges::any_of(state.jobs, [&](const run::JobState& job) {
    return std::ranges::any_of(job.artifacts, [&](const run::ProducedArtifact& artifact) {
      return artifact.digest.hex() == digest;
    });
  });
}

}  // namespace

std::string RepositoryNames::at(const std::string& address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? "" : found->second;
}

Result<> Access::allow(const api::Asked& asked) {
  if (asked.endpoint.about == api::About::its_artifact)
    return expect_artifact(asked.caller, asked.path.at("digest"), run_of_query(asked.head));
  const auto run = api::number_of<run::RunId>(asked.path.at("run"));
  if (!run) return base::fail(base::ErrorKind::not_found, "a run has a number");
  PIPELINE_TRY(expect_run(asked.caller, asked.scope, *run));
  return {};
}

Result<> Access::expect(const Caller& caller, Scope wanted, const access::Place& place) const {
  if (caller.may(wanted, place)) return {};
  if (caller.may(Scope::read, place)) return base::fail(api::role_missing(caller, wanted, place));
  return base::fail(no_repository(place.repository));
}

Result<std::string> Access::expect_run(const Caller& caller, Scope wanted, run::RunId run) {
  if (!caller.person) return std::string();
  PIPELINE_ASSIGN(const auto found, runs_.list({.before = run + 1, .limit = 1}));
  if (found.empty() || found.front().id != run) return base::fail(store::unknown_run(run));
  PIPELINE_ASSIGN(const RepositoryNames names, this->names());
  const std::string repository = names.at(found.front().repository);
  if (caller.may(wanted, {repository})) return repository;
  if (!caller.may(Scope::read, {repository})) return base::fail(store::unknown_run(run));
  return base::fail(api::role_missing(caller, wanted, {repository}));
}

Result<> Access::expect_artifact(const Caller& caller, std::string_view digest,
                                 std::optional<run::RunId> made_by) {
  if (caller.may(Scope::read, {access::kEverywhere})) return {};
  const base::Error missing(base::ErrorKind::not_found, "it is not here");
  if (!made_by)
    return base::fail(
        base::Error(missing).hint("?run=NUMBER of the address says which run made it"));
  PIPELINE_TRY(expect_run(caller, Scope::read, *made_by));
  PIPELINE_ASSIGN(const engine::StoredRun run, engine::load_run(runs_, *made_by));
  if (has_made(run.state, digest)) return {};
  return base::fail(missing);
}

Result<RepositoryNames> Access::names() {
  PIPELINE_ASSIGN(const auto all, repositories_.list());
  std::map<std::string, std::string> by_address;
  for (const store::RepositoryEntry& entry : all)
    by_address.emplace(address_of(entry, paths_), entry.name);
  return RepositoryNames(std::move(by_address));
}

Result<std::optional<std::vector<std::string>>> Access::seen_by(const Caller& caller) {
  if (caller.may(Scope::read, {access::kEverywhere}))
    return std::optional<std::vector<std::string>>();
  PIPELINE_ASSIGN(const RepositoryNames names, this->names());
  std::vector<std::string> seen;
  for (const auto& [address, name] : names.by_address())
    if (caller.may(Scope::read, {name})) seen.push_back(address);
  return std::optional(std::move(seen));
}

}  // namespace pipeline::serve
