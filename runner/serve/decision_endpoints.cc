#include "runner/serve/decision_endpoints.h"

#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "runner/engine/approvals.h"
#include "runner/serve/run_call.h"
#include "runner/store/decision_box.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_problem;
using api::Call;
using api::Endpoint;
using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kLargestMessage = std::uint64_t{64} << 10U;

struct DecisionRequest {
  std::string stage;
  bool approve = false;
  std::string comment;
  std::optional<std::string> subject{};  // what the caller saw; none: whatever it is now
};

Result<DecisionRequest> request_in(const Call& call) {
  PIPELINE_ASSIGN(const json::object object, api::object_in(call));
  DecisionRequest request;
  PIPELINE_ASSIGN(const auto stage, api::text_in(object, "stage"));
  PIPELINE_ASSIGN(const auto comment, api::text_in(object, "comment"));
  const auto* const approve = object.if_contains("approve");
  if (!stage || approve == nullptr || !approve->is_bool())
    return base::fail(ErrorKind::invalid, R"("stage" says what on, "approve" true or false)");
  request.stage = *stage;
  request.approve = approve->get_bool();
  request.comment = comment.value_or("");
  PIPELINE_ASSIGN(request.subject, api::text_in(object, "subject"));
  return request;
}

base::Error has_changed(const std::string& stage) {
  return base::Error(ErrorKind::conflict,
                     "what " + base::printable(stage) + " waits with is not what you looked at")
      .hint("it was made again meanwhile: pipeline show tells what it is now");
}

engine::Decider decider_of(const api::Caller& caller) {
  engine::Decider decider{.name = caller.name};
  if (caller.person)
    decider.is_in = [&caller](const std::string& group) { return caller.is_in(group); };
  return decider;
}

}  // namespace

std::vector<Endpoint> DecisionEndpoints::endpoints() {
  return {{.method = "POST",
           .path = "/api/v1/runs/{run}/decisions",
           .summary = "Approves or rejects what waits for people in a run.",
           .scope = api::Scope::approve,
           .largest_body = kLargestMessage,
           .handle = [this](const Call& call) { decide(call); },
           .about = api::About::asks_itself}};
}

void DecisionEndpoints::decide(const Call& call) {
  const auto run = run_in(call);
  if (!run) return;
  const auto request = request_in(call);
  if (!request) return answer_problem(call, request.error());
  const auto repository = access_.expect_run(call.caller, api::Scope::read, *run);
  if (!repository) return answer_problem(call, repository.error());
  call.tell((request->approve ? "approve " : "reject ") + request->stage);
  const auto stored = engine::load_run(store_, *run);
  if (!stored) return answer_problem(call, stored.error());
  const auto job = engine::find_waiting(*stored, request->stage, decider_of(call.caller));
  if (!job) return answer_problem(call, job.error());
  if (const auto may = expect_approver(call.caller, *repository, *stored, *job); !may)
    return answer_problem(call, may.error());
  const std::string subject = engine::subject_of(*stored, *job).hex();
  if (request->subject && *request->subject != subject)
    return answer_problem(call, has_changed(request->stage));
  const auto put = store::put_decision(paths_, *run, stored->plan.jobs[*job].name,
                                       {.approved = request->approve,
                                        .by = call.caller.name,
                                        .comment = request->comment,
                                        .tree = stored->plan.facts.tree,
                                        .subject = subject});
  if (!put) return answer_problem(call, put.error());
  api::answer_json(call, json::object{{"run", *run}, {"by", call.caller.name}}, 201);
}

// Whoever approves in all environments that it stands before may decide on it, too.
Result<> DecisionEndpoints::expect_approver(const api::Caller& caller,
                                            const std::string& repository,
                                            const engine::StoredRun& run, std::size_t job) const {
  auto whole = access_.expect(caller, api::Scope::approve, {repository});
  const auto environments = engine::environments_behind(run.plan, job);
  if (whole || environments.empty()) return whole;
  for (const std::string& environment : environments)
    PIPELINE_TRY(access_.expect(caller, api::Scope::approve, {repository, environment}));
  return {};
}

}  // namespace pipeline::serve
