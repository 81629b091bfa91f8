// What GitHub sends, and those that took it for their model: Gitea and Forgejo.
#include "pipelines/base/text.h"
#include "runner/forge/payload.h"

namespace pipeline::forge {

namespace {

using base::Result;

std::optional<PullRequestChange> change_of(std::string_view action) {
  if (action == "opened" || action == "reopened") return PullRequestChange::opened;
  // GitHub's word, and the others'.
  if (action == "synchronize" || action == "synchronized") return PullRequestChange::updated;
  if (action == "closed") return PullRequestChange::closed;
  return std::nullopt;
}

// A fork that was removed has left no repository behind: nobody knows whose the commits are. Nor
// does anybody at Gitea and Forgejo of those that were pushed to refs/for/BRANCH (AGit): whoever
// may read the repository may do that, and they are said to come from it, but from no branch of it.
bool is_from_fork(const Payload& payload) {
  const auto from = payload.number({"pull_request", "head", "repo", "id"});
  const auto to = payload.number({"pull_request", "base", "repo", "id"});
  if (!from || !to || *from != *to) return true;
  const bool has_branch = !payload.text({"pull_request", "head", "label"}).value_or("").empty();
  return !has_branch ||
         payload.text({"pull_request", "head", "ref"}).value_or("").starts_with("refs/");
}

Result<Notice> pull_request_of(const Payload& payload) {
  PIPELINE_ASSIGN(const std::string action, payload.need_text({"action"}));
  const auto change = change_of(action);
  if (!change)
    return PassedOver{"a pull request that is \"" + base::printable(action) + "\" starts nothing"};
  PullRequest request{.change = *change};
  PIPELINE_ASSIGN(request.number, payload.need_number({"pull_request", "number"}));
  PIPELINE_ASSIGN(request.head, payload.need_id({"pull_request", "head", "sha"}));
  PIPELINE_ASSIGN(request.branch, payload.need_text({"pull_request", "head", "ref"}));
  PIPELINE_ASSIGN(request.target, payload.need_text({"pull_request", "base", "ref"}));
  request.from_fork = is_from_fork(payload);
  return request;
}

// Gitea and Forgejo tell of a ref that goes by an event of its own, GitHub by a push as well.
Result<Notice> deletion_of(const Payload& payload) {
  PIPELINE_ASSIGN(std::string name, payload.need_text({"ref"}));
  PIPELINE_ASSIGN(const std::string type, payload.need_text({"ref_type"}));
  if (type == "branch") return BranchPush{.branch = std::move(name), .before = {}, .after = {}};
  if (type == "tag") return TagPush{.tag = std::move(name), .before = {}, .after = {}};
  return PassedOver{"a \"" + base::printable(type) + "\" that goes starts nothing"};
}

}  // namespace

Result<Notice> read_hub(std::string_view event, const Payload& payload) {
  if (event == "ping") return Ping{};
  if (event == "push") return push_of(payload);
  if (event == "pull_request") return pull_request_of(payload);
  if (event == "delete") return deletion_of(payload);
  return PassedOver{"the event \"" + base::printable(event) + "\" starts nothing"};
}

}  // namespace pipeline::forge
