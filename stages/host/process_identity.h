// A process that cannot be mistaken for another: pid, start time and boot. A pid alone is reused;
// so is a pid with its start time (ticks since boot) after a restart of the machine. A value that
// may be written to a file and read by another process later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::host {

struct ProcessIdentity {
  int pid = 0;
  std::uint64_t start_ticks = 0;  // since boot, field 22 of /proc/<pid>/stat
  std::string boot;               // /proc/sys/kernel/random/boot_id

  bool operator==(const ProcessIdentity&) const = default;

  // One line: "1234 56789 0b7c…".
  std::string to_text() const;
  static std::optional<ProcessIdentity> parse(std::string_view text);
};

// None when there is no such process, or only its zombie.
std::optional<ProcessIdentity> identify(int pid);

// When it cannot be looked at, for want of descriptors, whoever has the pid counts.
bool is_alive(const ProcessIdentity& process);

// Never reaches a process that got the pid since. Success when the process is gone already.
base::Result<> signal_process(const ProcessIdentity& process, int number);

// Whether it has ended within `patience`, and could be watched. It need not be a child of ours.
bool wait_until_gone(const ProcessIdentity& process, base::Duration patience);

// TERM or whatever `number` is, and after `patience` KILL. Returns when it is gone; ErrorKind::io
// when even KILL does not end it within ten seconds (a process stuck in the kernel), and
// ErrorKind::exhausted when no descriptor is left to watch it with.
base::Result<> end_process(const ProcessIdentity& process, int number, base::Duration patience);

// Kills who is left in the session that this process led, once it is gone itself. The same errors.
base::Result<> end_session(const ProcessIdentity& leader);

}  // namespace pipeline::host
