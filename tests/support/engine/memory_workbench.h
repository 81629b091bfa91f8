// A Workbench without a machine: log directories are names, and the key of a result is what the
// test says.
#pragma once

#include <map>
#include <set>
#include <string>

#include "runner/engine/workbench.h"

namespace pipeline::support {

class MemoryWorkbench : public engine::Workbench {
 public:
  base::Result<std::filesystem::path> log_directory(run::RunId run, const std::string& job,
                                                    std::uint32_t attempt) override {
    if (log_failure) return base::fail(*log_failure);
    return std::filesystem::path("/runs/" + std::to_string(run) + "/" + job + "." +
                                 std::to_string(attempt));
  }
  base::Result<std::optional<ResultKey>> result_key(const run::RunSpec& /*spec*/,
                                                    const plan::Plan& /*plan*/,
                                                    const plan::Job& job,
                                                    plan::ResultKeyInput input) override {
    last_input = std::move(input);
    const auto key = keys.find(job.name);
    if (key == keys.end()) return std::nullopt;
    return ResultKey{key->second, {{"file", "of " + job.name, key->second.hex()}}};
  }
  void remember(const run::RunSpec& /*spec*/, const std::string& job,
                const LastSuccess& success) override {
    successes[job] = success;
  }
  std::optional<LastSuccess> recall(const run::RunSpec& /*spec*/, const std::string& job) override {
    const auto found = successes.find(job);
    if (found == successes.end()) return std::nullopt;
    return found->second;
  }
  base::Result<std::string> files_digest(const run::RunSpec& /*spec*/,
                                         const std::string& glob) override {
    return "digest-of-" + glob;
  }
  bool is_available(const store::CachedResult& result) override {
    return !gone.contains(result.from_run);
  }

  std::map<std::string, base::Digest> keys;  // by job
  std::map<std::string, LastSuccess> successes;
  std::set<run::RunId> gone;  // runs whose results were cleaned away
  std::optional<base::Error> log_failure;
  plan::ResultKeyInput last_input;
};

}  // namespace pipeline::support
