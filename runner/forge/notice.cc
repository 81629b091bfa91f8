#include "runner/forge/notice.h"

#include "pipelines/base/text.h"

namespace pipeline::forge {

namespace {

std::string_view word_of(PullRequestChange change) {
  switch (change) {
    case PullRequestChange::opened:
      return "opened";
    case PullRequestChange::updated:
      return "updated";
    case PullRequestChange::closed:
      return "closed";
  }
  return "";
}

struct Describe {
  std::string operator()(const Ping& /*ping*/) const { return "a ping"; }
  std::string operator()(const BranchPush& push) const {
    return of_ref("branch ", push.branch, push.after);
  }
  std::string operator()(const TagPush& push) const { return of_ref("tag ", push.tag, push.after); }
  std::string operator()(const PullRequest& request) const {
    std::string text = "pull request " + std::to_string(request.number);
    if (request.from_fork) text += " from a fork";
    text += " to branch " + base::printable(request.target) + ", ";
    text += word_of(request.change);
    return text;
  }
  std::string operator()(const PassedOver& passed) const {
    return "nothing: " + base::printable(passed.why);
  }

 private:
  static std::string of_ref(const char* what, const std::string& name, const std::string& after) {
    return (after.empty() ? "the deletion of " : "a push to ") + (what + base::printable(name));
  }
};

}  // namespace

std::string describe(const Notice& notice) {
  return std::visit(Describe{}, notice);
}

}  // namespace pipeline::forge
