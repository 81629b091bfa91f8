// Where instances of a release run and how they are started, stopped and looked at. Bound to one
// environment.
//
// Every call is an absolute statement and idempotent: installing what is installed, starting what
// runs with the same spec, stopping what is gone all succeed. Calls block; one thread at a time.
// The contract suite is tests/contract/target_contract.h and runs over every implementation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "pipelines/model/environment.h"

namespace pipeline::deploy {

struct InstanceSpec {
  std::string name;  // unique in the environment: "r7-2"
  std::uint64_t release = 0;
  std::string start;  // shell command, run in the unpacked release
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::map<std::string, std::string>
      env{};  // PORT, RELEASE, INSTANCE, ENVIRONMENT and what the environment adds
  model::StopSpec stop{};
  bool operator==(const InstanceSpec&) const = default;
};

struct ObservedInstance {
  InstanceSpec spec;
  bool running =
      false;    // its supervisor and its process live; known by pid and start time, never pid alone
  int pid = 0;  // of the instance's process
  int supervisor = 0;  // the pid of what keeps it running and ends it on TERM; 0: none lives
  std::uint32_t restarts = 0;  // crashes the supervisor has answered
  std::string last_output;     // the last lines it printed, for messages
};

class Target {
 public:
  virtual ~Target() = default;
  // Whether the artifact can be installed: ErrorKind::not_found when there is none of that digest,
  // ErrorKind::corrupt when its bytes do not match. Touches nothing.
  virtual base::Result<> verify(const base::Digest& artifact) = 0;
  // Unpacks and verifies the artifact as release `release`; ErrorKind::corrupt when the bytes do
  // not match the digest.
  virtual base::Result<> install(std::uint64_t release, const base::Digest& artifact) = 0;
  // The highest number of an installed release, whoever installed it; 0: none is.
  virtual base::Result<std::uint64_t> last_installed() { return 0; }
  // Returns once the process was started (not: is healthy).
  virtual base::Result<> start(const InstanceSpec& spec) = 0;
  // The stop signal, then KILL at its timeout; returns when no process of the instance is left.
  virtual base::Result<> stop(const std::string& instance) = 0;
  // Reality: every instance that was started and not stopped, whoever started it.
  virtual base::Result<std::vector<ObservedInstance>> observe() = 0;
  // Deletes the unpacked files of a release none of whose instances runs.
  virtual base::Result<> remove(std::uint64_t release) = 0;
  // `count` ports of the range that nothing listens on, nobody else was given and `kept` does not
  // name, or ErrorKind::exhausted that names who holds what. They are given to nobody else as long
  // as this object lives: time for the instances to listen on them.
  virtual base::Result<std::vector<std::uint16_t>> free_ports(
      const model::PortRange& range, std::uint32_t count,
      const std::vector<std::uint16_t>& kept) = 0;
};

}  // namespace pipeline::deploy
