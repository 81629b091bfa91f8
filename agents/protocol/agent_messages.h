// What an agent and a server say to each other, beside the job's order and the bytes of its files.
// Plain values; agent_messages_json.h says how they look on the wire.
//
//   POST   /api/v1/agents                    Hello → Welcome          the agent is here
//   POST   /api/v1/agents/{agent}/lease      → Grant, or 204 after a while without work
//   POST   /api/v1/agents/{agent}/heartbeat  Heartbeat → HeartbeatReply
//   PUT    /api/v1/agents/{agent}/files?run=&job=&attempt=&fence=&file=&offset=
//                                            bytes → FileReply        of the attempt's log
//                                            directory
//   DELETE /api/v1/agents/{agent}            it will not ask any more
//
// Every request but the first may be repeated: it says how things are, not what changed.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "agents/protocol/job_order.h"
#include "pipelines/base/duration.h"
#include "pipelines/run/event.h"
#include "pipelines/run/outcome.h"

namespace pipeline::protocol {

// Of the same major version any minor one is understood: missing members have their defaults,
// unknown ones are passed over.
inline constexpr std::uint32_t kMajorVersion = 1;
inline constexpr std::uint32_t kMinorVersion = 0;

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

  bool operator==(const Welcome&) const = default;
};

struct Grant {
  Fence fence = 0;
  JobOrder order{};     // its log directory is the server's: the agent has its own
  std::string trees{};  // path of the git repository below the server that has the order's tree as
                        // a branch: "/api/v1/trees/shop-1f3a"; empty: the job needs none
};

struct Heartbeat {
  std::vector<AttemptWord> attempts;  // that it has

  bool operator==(const Heartbeat&) const = default;
};

struct HeartbeatReply {
  std::vector<Instruction> instructions;

  bool operator==(const HeartbeatReply&) const = default;
};

struct FileReply {
  std::uint64_t size = 0;  // how long the server's file is now

  bool operator==(const FileReply&) const = default;
};

}  // namespace pipeline::protocol
