// What a result depends on, as bytes: the same bytes, the same result, so a success can be used
// again. The caller hashes them (SHA-256) and looks the digest up.
//
// In the key: the files that match `inputs`, commands, shell, workdir, the stage's own environment
// and parameters, names of secrets, declared outputs and artifacts, the sandbox, the outputs of
// needs and the artifacts used. Not in the key: secrets' values, the run's number, and commit facts
// (GIT_COMMIT, GIT_BRANCH, GIT_TAG, PIPELINE_EVENT), unless a command or a value of env spells
// their name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "pipelines/plan/plan.h"

namespace pipeline::plan {

// One file of the source tree, as git names it.
struct TreeFile {
  std::string path;
  std::string id;  // object id
  std::uint32_t mode = 0;
};

struct ResultKeyInput {
  std::vector<TreeFile> files;  // the whole tree or any part that holds all inputs; any order
  // Of the jobs in Job::layers, lowest first; those that made none are left out.
  std::vector<base::Digest> layers;
  std::map<std::string, base::Digest> artifacts;  // `uses`: name → digest
};

// None for a job whose results are never used again: no `inputs`, or a deploy stage. Fails when a
// glob of `inputs` cannot be compiled (the reader refuses such a file).
base::Result<std::optional<std::string>> result_key(const Plan& plan, const Job& job,
                                                    const ResultKeyInput& input);

}  // namespace pipeline::plan
