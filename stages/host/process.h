// Child processes, on Boost.Process v2 with a launcher of our own (launcher_linux.h says why).
//
// spawn() → (signal())* → wait() or wait_for() until it has a status. A Process that is destroyed
// while its child runs kills and reaps it. An object belongs to one thread at a time, but signal()
// may be called from any thread while another waits.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "stages/host/exit_status.h"

namespace pipeline::host {

enum class ChildSession { ours, own };  // own: setsid, so that a terminal's Ctrl-C is not for it

struct ProcessSpec {
  std::string program{};                                    // a path, or a name to be found in PATH
  std::vector<std::string> arguments{};                     // after argv[0]
  std::optional<std::map<std::string, std::string>> env{};  // none: ours
  std::filesystem::path directory{};                        // empty: ours
  // Our descriptors as the child sees them. 0, 1 and 2 are /dev/null when not named; the child has
  // no others.
  std::map<int, int> descriptors{};  // child's number → ours
  ChildSession session = ChildSession::ours;
};

class Process {
 public:
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  int pid() const;
  // Readable once the process has ended; stays ours.
  int pidfd() const;

  // Success when the process has already ended: there is nothing left to signal.
  base::Result<> signal(int number) const;
  base::Result<ExitStatus> wait();
  // It goes on without us: neither waited for nor killed by whoever held it. For the last thing
  // that is done with it.
  void abandon();
  // No value: still running after `patience`.
  base::Result<std::optional<ExitStatus>> wait_for(base::Duration patience);

 private:
  friend base::Result<Process> spawn(const ProcessSpec& spec);
  struct Impl;
  explicit Process(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Returns once the program was executed; a program that cannot be is an error here and leaves no
// child behind.
base::Result<Process> spawn(const ProcessSpec& spec);

}  // namespace pipeline::host
