// What an agent and a server say to each other, beside the job's order and the bytes of its files.
// Plain values; agent_messages_json.h says how they look on the wire.
//
//   POST   /api/v1/agents                    Hello → Welcome          the agent is here
//   POST   /api/v1/agents/{agent}/lease      → Grant, or 204 after a while without work
//   POST   /api/v1/agents/{agent}/heartbeat  Heartbeat → HeartbeatReply
//   PUT    /api/v1/agents/{agent}/files?run=&job=&attempt=&fence=&file=&offset=
//                                            bytes → FileReply        of the attempt's log
//                                            directory
//   POST   /api/v1/agents/{agent}/journal?run=&job=&attempt=&fence=
//                                            JournalAsk → JournalReply    of the environment that
//                                            the attempt deploys to
//   DELETE /api/v1/agents/{agent}            it will not ask any more
//
// Every request but the first may be repeated: it says how things are, not what changed.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agents/protocol/job_order.h"
#include "pipelines/base/duration.h"
#include "pipelines/run/event.h"
#include "pipelines/run/outcome.h"

namespace pipeline::protocol {

// 1.1: heartbeats tell of the machine, welcomes of the server's program.
// 1.2: deployments, and the journal that they are written to.
// 1.3: a look at the instances of an environment.
// Of the same major version any minor one is understood: missing members have their defaults,
// unknown ones are passed over.
inline constexpr std::uint32_t kMajorVersion = 1;
inline constexpr std::uint32_t kMinorVersion = 3;
// An older one would write a deployment into a journal of its own.
inline constexpr std::uint32_t kDeployingMinor = 2;
// An older one does not know the word.
inline constexpr std::uint32_t kLookingMinor = 3;

struct AttemptKey {
  run::RunId run = 0;
  std::string job;
  std::uint32_t attempt = 1;

  // NOLINTNEXTLINE(modernize-use-nullptr): the zero that a rewritten comparison is made with.
  auto operator<=>(const AttemptKey&) const = default;
};

// Higher with every lease: tells a late word of a former holder from one of the present.
using Fence = std::uint64_t;

// An attempt as the agent that holds it names it.
struct AttemptWord {
  AttemptKey attempt;
  Fence fence = 0;

  bool operator==(const AttemptWord&) const = default;
};

// What an agent is told to do with an attempt that it has.
struct Instruction {
  AttemptKey attempt;
  enum class Kind {
    stop,      // TERM, and KILL after the grace time
    stop_now,  // KILL
    drop,      // the lease is over: KILL, and say nothing more of it
  };
  Kind kind = Kind::stop;
  run::JobStatus as = run::JobStatus::cancelled;  // of a stop: what its JobFinished carries
  std::string reason;

  bool operator==(const Instruction&) const = default;
};

struct Hello {
  std::uint32_t major = kMajorVersion;
  std::uint32_t minor = kMinorVersion;
  std::string agent{};    // its name
  std::string program{};  // the version of the program, for people
  std::vector<std::string> labels{};
  std::uint32_t slots = 1;  // how many jobs it runs at a time

  bool operator==(const Hello&) const = default;
};

struct Welcome {
  std::uint32_t major = kMajorVersion;
  std::uint32_t minor = kMinorVersion;
  base::Duration heartbeat{0};  // how often the server wants to hear of the agent
  base::Duration lease{0};      // without a word for that long, its jobs are given up
  std::string program{};        // the version of the server's program; empty: it does not tell

  bool operator==(const Welcome&) const = default;
};

struct Grant {
  Fence fence = 0;
  JobOrder order{};     // its log directory is the server's: the agent has its own
  std::string trees{};  // path of the git repository below the server that has the order's tree as
                        // a branch: "/api/v1/trees/shop-1f3a"; empty: the job needs none
};

// The machine of an agent, in bytes.
struct MachineState {
  std::uint64_t disk_size = 0;  // of the agent's directory
  std::uint64_t disk_free = 0;
  std::uint64_t memory_size = 0;
  std::uint64_t memory_available = 0;
  double load = 0;  // over the last minute
  std::uint32_t processors = 0;

  bool operator==(const MachineState&) const = default;
};

struct Heartbeat {
  std::vector<AttemptWord> attempts;      // that it has
  std::optional<MachineState> machine{};  // none: it does not tell

  bool operator==(const Heartbeat&) const = default;
};

struct HeartbeatReply {
  std::vector<Instruction> instructions;

  bool operator==(const HeartbeatReply&) const = default;
};

// The driver of a deployment has the journal of its environment at the server
// (stages/deploy/journal.h). Only as long as its attempt has a lease.
struct JournalAsk {
  enum class Kind {
    turn,      // takes a place in the environment's queue, and says whose turn it is
    append,    // an entry, durable once there is a reply
    read,      // from the last checkpoint on
    settings,  // what operators have set the environment's flags to
    leave,     // gives the place in the queue up
  };
  Kind kind = Kind::turn;
  std::string environment{};  // of a read: one that the order promotes from; empty: its own
  std::uint64_t turn = 0;     // of an entry
  std::string entry{};        // as pipelines/rollout/journal_json.h has it

  bool operator==(const JournalAsk&) const = default;
};

struct JournalReply {
  std::optional<std::uint64_t> turn{};  // ours
  std::string holder{};                 // not ours: whose it is; empty: nobody's
  std::vector<std::string> entries{};
  std::uint64_t newest = 0;                       // grows with every entry of any environment
  std::map<std::string, std::string> settings{};  // flag → value

  bool operator==(const JournalReply&) const = default;
};

struct InstanceTold {
  std::string name{};
  std::uint64_t release = 0;
  std::string address{};
  std::int32_t pid = 0;
  bool healthy = false;
  bool in_traffic = false;
  bool is_looked_at = true;

  bool operator==(const InstanceTold&) const = default;
};

// What came of a deployment, in a file of its attempt's log directory, for whoever asked for it.
inline constexpr const char* kDeploymentFile = "deployment.json";
struct DeploymentTold {
  std::string verdict{};  // empty: there is none, but an error
  std::uint64_t release = 0;
  bool is_its_fault = false;  // the release's
  std::string error{};        // its kind
  std::string reason{};
  std::string hint{};
  std::vector<InstanceTold> instances{};  // of a look

  bool operator==(const DeploymentTold&) const = default;
};

struct FileReply {
  std::uint64_t size = 0;  // how long the server's file is now

  bool operator==(const FileReply&) const = default;
};

}  // namespace pipeline::protocol
