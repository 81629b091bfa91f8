#include "stages/step/verdict.h"

#include "pipelines/base/duration.h"
#include "pipelines/base/reason.h"

namespace pipeline::step {

using run::JobStatus;
using sandbox::SandboxResult;

namespace {

Verdict verdict_of_exit(const SandboxResult& result, std::size_t commands) {
  if (result.exit_code == 0 && result.commands_started == commands) return {};
  if (result.exit_code == 0)
    return {JobStatus::errored, "the sandbox ended before all commands had run"};
  return {JobStatus::failed, "command " + std::to_string(result.commands_started) +
                                 " exited with " + std::to_string(result.exit_code)};
}

}  // namespace

Verdict verdict_of(const SandboxResult& result, std::size_t commands, base::Duration timeout) {
  using Cause = SandboxResult::Cause;
  const auto reason_or = [&](const std::string& otherwise) {
    return result.reason.empty() ? otherwise : result.reason;
  };
  switch (result.cause) {
    case Cause::exited:
      return verdict_of_exit(result, commands);
    case Cause::timed_out:
      return {JobStatus::timed_out, reason_or("timed out after " + base::format_duration(timeout))};
    case Cause::cancelled:
      return {JobStatus::cancelled, reason_or("cancelled")};
    case Cause::limit:
      return {JobStatus::failed, reason_or("a limit was exceeded")};
    case Cause::service:
      return {JobStatus::failed, reason_or("a service failed")};
    case Cause::setup:
      break;
  }
  return {JobStatus::errored, reason_or("the sandbox could not be set up")};
}

Verdict verdict_of(const base::Error& error) {
  using enum base::ErrorKind;
  const bool of_the_job = error.kind() == failed || error.kind() == invalid;
  return {of_the_job ? JobStatus::failed : JobStatus::errored, base::reason_of(error)};
}

}  // namespace pipeline::step
