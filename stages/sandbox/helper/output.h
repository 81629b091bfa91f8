// The job's output on its way to the log: one pipe, the masker, the writer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/host/system_clock.h"
#include "stages/host/unique_fd.h"
#include "stages/log/writer.h"
#include "stages/sandbox/sandbox.h"
#include "stages/secret/masker.h"

namespace pipeline::sandbox::helper {

class Output {
 public:
  // `owner`: may open the pipe again through /dev/stdout.
  static base::Result<Output> create(const SandboxPlan& plan, unsigned owner);

  int readable() const { return read_.get(); }
  int writable() const { return write_.get(); }
  void close_writable() { write_.reset(); }
  // No process of the job can write any more.
  bool ended() const { return ended_; }

  // Takes what is in the pipe now, at most about as much as a pipe holds, so that a process that
  // never stops writing cannot keep us here.
  base::Result<> take();
  base::Result<> command_started(std::uint32_t index);
  base::Result<> command_finished(std::uint32_t index, int exit_code);
  base::Result<> finish();

 private:
  Output(const SandboxPlan& plan, log::LogWriter writer)
      : writer_(std::move(writer)), masker_(plan.masked) {}
  base::Result<> store(std::string_view bytes);
  base::Result<> flush_masker();

  host::SystemClock clock_;
  host::UniqueFd read_;
  host::UniqueFd write_;
  log::LogWriter writer_;
  secret::Masker masker_;
  std::unique_ptr<char[]> buffer_;
  std::string masked_;
  bool ended_ = false;
};

}  // namespace pipeline::sandbox::helper
