// The output of a job, or of one of its services, on its way to the log: one pipe, the masker, the
// writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "pipelines/base/result.h"
#include "stages/host/system_clock.h"
#include "stages/host/unique_fd.h"
#include "stages/log/writer.h"
#include "stages/sandbox/sandbox.h"
#include "stages/secret/masker.h"

namespace pipeline::sandbox::helper {

class Output {
 public:
  // `directory`: of the log; it exists. `pipe`: the end to read from, non-blocking; nobody but
  // the job has the other.
  static base::Result<Output> create(const std::filesystem::path& directory,
                                     const SandboxPlan& plan, host::UniqueFd pipe);

  int readable() const { return read_.get(); }
  // No process of the job can write any more.
  bool ended() const { return ended_; }

  // Takes what is in the pipe now, at most about as much as a pipe holds, so that a process that
  // never stops writing cannot keep us here.
  base::Result<> take();
  base::Result<> command_started(std::uint32_t index);
  base::Result<> command_finished(std::uint32_t index, int exit_code);
  base::Result<> finish();

 private:
  Output(const SandboxPlan& plan, host::UniqueFd pipe, log::LogWriter writer);
  base::Result<> store(std::string_view bytes);
  base::Result<> flush_masker();

  host::SystemClock clock_;
  host::UniqueFd read_;
  log::LogWriter writer_;
  secret::Masker masker_;
  std::unique_ptr<char[]> buffer_;
  std::string masked_;
  bool ended_ = false;
};

}  // namespace pipeline::sandbox::helper
