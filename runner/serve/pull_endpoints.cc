#include "runner/serve/pull_endpoints.h"

#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using api::Scope;
using store::PullRequestEntry;
using Word = store::PullRequestStore::Word;

constexpr std::uint64_t kLargestMessage = std::uint64_t{16} << 10U;

json::object json_of(const PullRequestEntry& entry) {
  return {{"repository", entry.repository},
          {"number", entry.number},
          {"target", entry.target},
          {"commit", entry.waiting}};
}

}  // namespace

std::vector<api::Endpoint> PullEndpoints::endpoints() {
  const auto make = [this](const char* end, const char* summary, Word word) {
    const std::string path = "/api/v1/repositories/{repository}/pull-requests/{number}/";
    return api::Endpoint{.method = "POST",
                         .path = path + end,
                         .summary = summary,
                         .scope = Scope::approve,
                         .largest_body = kLargestMessage,
                         .handle = [this, word](const Call& call) { decide(call, word); },
                         .about = api::About::asks_itself};
  };
  return {{.method = "GET",
           .path = "/api/v1/pull-requests",
           .summary = "Pull requests from forks that wait for somebody's word.",
           .scope = Scope::read,
           .handle = [this](const Call& call) { list(call); },
           .about = api::About::asks_itself},
          make("approve", "Lets runs of that `commit` of a pull request begin.", Word::yes),
          make("reject", "Turns that `commit` of a pull request away.", Word::no)};
}

void PullEndpoints::list(const Call& call) {
  const auto repositories = repositories_.list();
  if (!repositories) return answer_problem(call, repositories.error());
  json::array all;
  for (const store::RepositoryEntry& repository : *repositories) {
    if (!repository.forge || !call.caller.may(Scope::read, {repository.name})) continue;
    const auto open = pulls_.open_ones(repository.name);
    if (!open) return answer_problem(call, open.error());
    for (const PullRequestEntry& entry : *open)
      if (!entry.waiting.empty()) all.push_back(json_of(entry));
  }
  answer_json(call, json::object{{"pull_requests", std::move(all)}});
}

void PullEndpoints::decide(const Call& call, Word word) {
  const std::string& repository = call.part("repository");
  const auto allowed = access_.expect(call.caller, Scope::approve, {repository});
  if (!allowed) return answer_problem(call, allowed.error());
  const auto number = api::number_of<std::uint64_t>(call.part("number"));
  const auto object = api::object_in(call);
  if (!object) return answer_problem(call, object.error());
  const auto commit = api::text_in(*object, "commit");
  if (!number || !commit || !*commit)
    return answer_problem(
        call, {base::ErrorKind::invalid, R"("commit" says which commit was looked at)"});
  call.tell("at " + base::printable(**commit));
  const auto decided = pulls_.decide(repository, *number, **commit, word);
  if (!decided) return answer_problem(call, decided.error());
  if (!*decided)
    return answer_problem(
        call, base::Error(base::ErrorKind::conflict, "this commit of it does not wait")
                  .hint("pipeline pulls lists what does; what is pushed later waits again"));
  if (word == Word::yes) look_soon_(repository);
  api::answer_nothing(call);
}

}  // namespace pipeline::serve
