// What GitLab sends.
#include "pipelines/base/text.h"
#include "runner/forge/payload.h"

namespace pipeline::forge {

namespace {

using base::Result;

// An update without an old revision is one of its words, not of its commits.
std::optional<PullRequestChange> change_of(const Payload& payload, std::string_view action) {
  if (action == "open" || action == "reopen") return PullRequestChange::opened;
  if (action == "update" && payload.text({"object_attributes", "oldrev"}))
    return PullRequestChange::updated;
  if (action == "close" || action == "merge") return PullRequestChange::closed;
  return std::nullopt;
}

Result<Notice> merge_request_of(const Payload& payload) {
  const auto action = payload.text({"object_attributes", "action"}).value_or("");
  const auto change = change_of(payload, action);
  if (!change)
    return PassedOver{"the action \"" + base::printable(action) +
                      "\" of a merge request brings no commit"};
  PullRequest request{.change = *change};
  PIPELINE_ASSIGN(request.number, payload.need_number({"object_attributes", "iid"}));
  PIPELINE_ASSIGN(request.head, payload.need_id({"object_attributes", "last_commit", "id"}));
  PIPELINE_ASSIGN(request.branch, payload.need_text({"object_attributes", "source_branch"}));
  PIPELINE_ASSIGN(request.target, payload.need_text({"object_attributes", "target_branch"}));
  const auto from = payload.number({"object_attributes", "source_project_id"});
  const auto to = payload.number({"object_attributes", "target_project_id"});
  request.from_fork = !from || !to || *from != *to;
  return request;
}

}  // namespace

Result<Notice> read_gitlab(const Payload& payload) {
  PIPELINE_ASSIGN(const std::string kind, payload.need_text({"object_kind"}));
  if (kind == "push" || kind == "tag_push") return push_of(payload);
  if (kind == "merge_request") return merge_request_of(payload);
  return PassedOver{"the event \"" + base::printable(kind) + "\" starts nothing"};
}

}  // namespace pipeline::forge
