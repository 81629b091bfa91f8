// What a result depends on: the same manifest, the same result, so a success can be used again. The
// caller hashes its text (SHA-256) and looks the digest up.
//
// In the key: the files that match `inputs`, commands, shell, workdir, the job's environment (the
// stage's own, parameters, and of the commit's facts those that the job is given: run_variables.h),
// names of secrets, declared outputs and artifacts, the sandbox, the job's services, the outputs of
// needs and the artifacts used, the tools that it names. Not in the key: secrets' values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "pipelines/plan/plan.h"
#include "pipelines/plan/result_manifest.h"

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
  std::map<std::string, std::string> tools{};     // `tools`: name → what tells its versions apart
};

// None for a job whose results are never used again: no `inputs`, a deploy stage, or one that
// looks at the run's or the attempt's number. Fails when a glob of `inputs` cannot be compiled (the
// reader refuses such a file).
base::Result<std::optional<ResultManifest>> result_manifest(const Plan& plan, const Job& job,
                                                            const ResultKeyInput& input);

}  // namespace pipeline::plan
