// A job's directories in a temporary place, made as the worker makes them, and the ways to run it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "stages/sandbox/launch.h"
#include "stages/sandbox/sandbox.h"

namespace pipeline::sandbox {

struct Ran {
  SandboxResult result;
  std::string output;
  std::map<std::uint32_t, int> exit_codes;  // by command, as they were announced
};

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // A plan with an empty workspace and limits that no test meets by accident.
  SandboxPlan plan(std::vector<std::string> commands) const;
  // Runs it to its end.
  Ran run(const SandboxPlan& plan) const;
  Ran run(const std::string& command) const { return run(plan({command})); }
  base::Result<RunningSandbox> start(const SandboxPlan& plan) const;
  std::string output() const;
  // What a command prints without a sandbox, as whoever runs the tests, who is what a job must not
  // become: how an attempt is proved to be one. `descriptors` as in host::ProcessSpec.
  std::string outside(const std::string& command, std::map<int, int> descriptors = {}) const;
  // A directory whose files belong to the job's user.
  std::filesystem::path layer(const std::string& name,
                              const std::map<std::string, std::string>& files) const;

  std::filesystem::path root_;
  std::unique_ptr<Launcher> launcher_;
};

// Processes of this machine whose command line contains `text`; how a test finds what survived.
std::vector<int> processes_with(const std::string& text);
// The helper that supervises the job that a process belongs to; 0: none.
int helper_of(int job_process);
// Waits until none is left; false after ten seconds.
bool all_gone(const std::string& text);

}  // namespace pipeline::sandbox
