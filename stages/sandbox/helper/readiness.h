// Finds out whether a service is ready, from inside: looks again and again, each look a process of
// its own, until one succeeds. Waits for nothing itself; its owner has the loop and reaps.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"
#include "stages/sandbox/helper/shell.h"

namespace pipeline::sandbox::helper {

class Readiness {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Both must outlive it. The first look is due at once.
  static base::Result<Readiness> create(const model::ReadySpec& spec, Shell& shell);

  // None while a look is under way.
  std::optional<Time> next_look() const;
  // When one is due. One that cannot be started has failed.
  void look();

  enum class Seen { nothing_of_ours, not_ready, ready };
  // A process has ended.
  Seen ended(pid_t process, int status);

  // Ends a look that is under way.
  void end() const;
  // The same, and tells what the last one that came to an end said.
  void give_up(int output) const;

 private:
  Readiness(const model::ReadySpec& spec, Shell& shell, host::UniqueFd words);
  pid_t start_look();
  std::string what_it_said() const;
  [[noreturn]] void look_at_endpoint() const;

  const model::ReadySpec* spec_;
  Shell* shell_;

  host::UniqueFd words_;  // what the look prints
  pid_t look_ = -1;
  std::string last_words_ = "the first look has no answer yet";
  std::chrono::milliseconds pause_;
  Time next_;
};

}  // namespace pipeline::sandbox::helper
