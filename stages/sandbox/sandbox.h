// What a job is allowed and given: pure values, and the one call that runs a job under them.
//
// The plan is applied by the helper program (helper/), one process a job, whose file comment is its
// specification. The helper spools the log, enforces limits and times, kills everything, and writes
// the result by atomic rename.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/model/stage.h"

namespace pipeline::sandbox {

// Where the workspace is inside a sandbox.
inline constexpr const char* kWorkspace = "/workspace";

// How the workspace is put together, inside the job's own mount namespace.
struct WorkspaceMount {
  std::vector<std::filesystem::path>
      lower;  // immutable directories, lowest first: source tree, then outputs of needs
  std::filesystem::path
      upper;  // empty directory that receives every change; collected from afterwards
  std::filesystem::path scratch;  // empty, used once; same file system as upper
};

struct ReadOnlyMount {
  std::filesystem::path host;
  std::filesystem::path inside;
};

enum class Isolation {
  full,  // everything of architecture.md; a job for which it cannot be had is errored
  none,  // `--sandbox=none`: the same supervision, no isolation; the workspace is a copy
};

struct SandboxPlan {
  Isolation isolation = Isolation::full;
  WorkspaceMount workspace;           // seen at /workspace
  std::vector<ReadOnlyMount> mounts;  // artifacts and `readable` paths
  std::string workdir;                // relative to the workspace
  std::vector<std::string> commands;
  // Each is started when the one before is ready, the commands when all are. They share the shell,
  // the environment (under each one's own), the masked values and the limits. `when` has been
  // looked at.
  std::vector<model::ServiceSpec> services;
  std::vector<std::string> shell;  // argv before the command text, which is passed as `-c TEXT`
  std::map<std::string, std::string> env;  // complete, secrets included
  std::vector<std::string> masked;         // secret values
  model::SandboxSpec limits;
  base::Duration timeout{0};
  base::Duration grace = std::chrono::seconds(10);  // TERM to KILL
  std::filesystem::path log_directory;  // receives log, log.index, services/ and result.json
};

// Written by the helper as result.json; what the supervisor reads back.
struct SandboxResult {
  // service: one was not ready in time, or ended before the commands.
  enum class Cause { exited, timed_out, cancelled, limit, setup, service };
  Cause cause = Cause::exited;
  std::uint32_t commands_started = 0;
  int exit_code = 0;   // of the last command; 128 + n for a signal n
  std::string reason;  // "memory limit of 512 MiB exceeded", or what could not be set up
  base::Duration cpu{0};
  std::uint64_t peak_memory = 0;
  // Nothing has run because this machine cannot lay the workspace's layers over each other; the
  // same plan with a copied workspace (no lower layers) may work.
  bool overlay_refused = false;
};

}  // namespace pipeline::sandbox
