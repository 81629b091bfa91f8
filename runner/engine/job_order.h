// The order that a worker gets for one attempt of one job: everything that the plan and the run so
// far say about it. Pure.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "agents/protocol/job_order.h"
#include "pipelines/base/result.h"
#include "pipelines/plan/plan.h"
#include "pipelines/plan/result_key.h"
#include "pipelines/run/state.h"

namespace pipeline::engine {

struct OrderContext {
  run::RunId run = 0;
  const run::RunSpec& spec;
  const plan::Plan& plan;
  const run::RunState& state;
  const std::map<std::string, std::string>& secrets;
};

// Layers of the jobs below it and artifacts that it uses, as far as they were made.
struct JobInputs {
  std::vector<base::Digest> layers;               // lowest first
  std::map<std::string, base::Digest> artifacts;  // name → digest
};

// Fails with ErrorKind::not_found when the job that makes an artifact did not make it.
base::Result<JobInputs> inputs_of(const plan::Plan& plan, const run::RunState& state,
                                  std::size_t job);

// What the jobs that are not over ask for.
std::set<std::string> secrets_asked(const plan::Plan& plan, const run::RunState& state);

// ErrorKind::invalid when a job that may still start asks for a secret that was not given: found
// before the run begins, not when its turn comes.
base::Result<> check_secrets(const OrderContext& context);

// Fails when a secret was not given, or the environment is not in the pipeline.
base::Result<protocol::JobOrder> make_job_order(const OrderContext& context, std::size_t job,
                                                const JobInputs& inputs,
                                                std::filesystem::path log_directory);

}  // namespace pipeline::engine
