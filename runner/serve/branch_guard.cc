#include "runner/serve/branch_guard.h"

#include "pipelines/base/text.h"
#include "runner/server/api/role_missing.h"
#include "stages/source/branch_move.h"

namespace pipeline::serve {

namespace {

using base::Result;
using server::RefAnswer;
using server::RefPush;

RefAnswer refused(const std::string& branch, const std::string& why) {
  return {.is_taken = false, .said = {branch + " is protected: " + why}};
}

RefAnswer refused(const std::string& branch, const base::Error& error) {
  RefAnswer answer = refused(branch, error.to_string());
  if (error.hint()) answer.said.push_back("hint: " + *error.hint());
  return answer;
}

// "run 12 decides", "runs 12 and 13 decide".
std::string who_decides(const std::vector<run::RunId>& runs) {
  std::string text = runs.size() == 1 ? "run " : "runs ";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (i > 0) text += i + 1 == runs.size() ? " and " : ", ";
    text += std::to_string(runs[i]);
  }
  return text + (runs.size() == 1 ? " decides" : " decide");
}

}  // namespace

RefAnswer BranchGuard::answer(const RefPush& push) {
  const std::string& ref = push.question.ref;
  if (!ref.starts_with(kBranches)) return {};
  const std::string branch = ref.substr(kBranches.size());
  const auto store = parts_.open();
  const auto protections =
      store ? (*store)->list(push.repository) : base::fail(std::as_const(store).error());
  if (!protections) return refused(branch, protections.error());
  const auto rules = rules_for(branch, *protections);
  return rules ? answer_for(push, branch, *rules) : RefAnswer{};
}

RefAnswer BranchGuard::answer_for(const RefPush& push, const std::string& branch,
                                  const BranchRules& rules) {
  const auto& [ref, before, after] = push.question;
  const access::Place place{push.repository};
  const api::Scope wanted = scope_to_push(rules.role);
  if (!push.caller.may(wanted))
    return refused(branch,
                   "pushing to it takes a token with the scope " + std::string(to_string(wanted)));
  if (!push.caller.may(wanted, place))
    return refused(branch, api::role_missing(push.caller, wanted, place));
  if (!rules.allows_force) {
    if (after.empty()) return refused(branch, "it is not deleted");
    const auto is_forward =
        before.empty()
            ? Result<bool>(true)
            : source::is_fast_forward(parts_.paths.repository(push.repository), before, after);
    if (!is_forward) return refused(branch, is_forward.error());
    if (!*is_forward) return refused(branch, "this is no fast-forward of it");
  }
  return rules.waits_for_pipeline ? wait(push, branch) : RefAnswer{};
}

RefAnswer BranchGuard::wait(const RefPush& push, const std::string& branch) {
  const auto& [ref, before, after] = push.question;
  const auto runs = parts_.waiting.keep({.repository = push.repository,
                                         .branch = branch,
                                         .before = before,
                                         .commit = after,
                                         .who = push.caller.name});
  if (!runs) return refused(branch, runs.error());
  RefAnswer answer = refused(branch, who_decides(*runs));
  const std::string one = std::to_string(runs->front());
  answer.said.push_back("it moves to this commit when that succeeds; follow it by pipeline logs " +
                        one + " --follow --server " + parts_.server());
  return answer;
}

}  // namespace pipeline::serve
