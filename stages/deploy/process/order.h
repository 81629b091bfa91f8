// What the target tells an instance's supervisor, and what the supervisor tells back: two small
// files in the instance's directory, each written whole by rename.
//
//   order.json   by the target, before the supervisor starts; never changed afterwards
//   state.json   by the supervisor, whenever it starts the instance
//   output.log, output.log.1   what the instance printed, newest last; about 1 MiB each at most
//   lock         held by the supervisor as long as it lives, so that there is never a second one
//   home/        the instance's own directory, its HOME
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "stages/deploy/target.h"
#include "stages/host/file_owner.h"
#include "stages/host/process_identity.h"

namespace pipeline::deploy::process {

inline constexpr const char* kOrderFile = "order.json";
inline constexpr const char* kStateFile = "state.json";
inline constexpr const char* kOutputFile = "output.log";
inline constexpr const char* kOlderOutputFile = "output.log.1";
inline constexpr const char* kLockFile = "lock";
inline constexpr const char* kHomeDirectory = "home";

struct Order {
  InstanceSpec spec;
  std::filesystem::path directory;      // of the release's files, where `start` runs
  std::optional<host::FileOwner> user;  // whom the instance runs as; none: as we do
};

struct State {
  host::ProcessIdentity supervisor;
  std::optional<host::ProcessIdentity> instance;  // none: it ended and will be started again
  std::uint32_t restarts = 0;
};

// ErrorKind::not_found when the file is absent, ErrorKind::corrupt when it is none of ours.
base::Result<Order> read_order(const std::filesystem::path& instance_directory);
base::Result<> write_order(const std::filesystem::path& instance_directory, const Order& order);
base::Result<State> read_state(const std::filesystem::path& instance_directory);
base::Result<> write_state(const std::filesystem::path& instance_directory, const State& state);

}  // namespace pipeline::deploy::process
