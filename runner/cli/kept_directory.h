// Which state directory the commands mean that keep one, and how they are interrupted.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>

#include "pipelines/base/result.h"
#include "runner/cli/interrupts.h"
#include "runner/store/paths.h"

namespace pipeline::cli {

// That one, or the default; whether it exists or not.
base::Result<std::filesystem::path> kept_directory(
    const std::optional<std::filesystem::path>& data);
// The same when it is there and somebody has worked with it. ErrorKind::invalid otherwise.
base::Result<store::Paths> existing_state(const std::optional<std::filesystem::path>& data);

// Signals ask for a stop instead of ending the process. One at a time, before any other thread.
struct Stoppable {
  std::stop_source source;
  std::unique_ptr<Interrupts> interrupts;

  static base::Result<std::unique_ptr<Stoppable>> begin();
};

}  // namespace pipeline::cli
