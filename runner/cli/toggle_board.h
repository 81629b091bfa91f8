// The feature toggles of environments, wherever they are: this machine's, or a server's.
//
// Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/command_place.h"
#include "runner/toggles/toggle_view.h"

namespace pipeline::cli {

class ToggleBoard {
 public:
  virtual ~ToggleBoard() = default;
  // Of all environments, sorted.
  virtual base::Result<std::vector<toggles::EnvironmentToggles>> all() = 0;
  // The one that the user is likely to mean where he stands. ErrorKind::invalid, with a hint.
  virtual base::Result<deploy::EnvironmentKey> find(const std::string& name) = 0;
  // Newest first.
  virtual base::Result<std::vector<store::ToggleChange>> history(const deploy::EnvironmentKey& key,
                                                                 const std::string& flag) = 0;
  // What it was set to before, as toggles::ToggleDesk does.
  virtual base::Result<std::optional<toggle::Setting>> set(const deploy::EnvironmentKey& key,
                                                           const std::string& flag,
                                                           const std::string& value) = 0;
  virtual base::Result<toggle::Setting> clear(const deploy::EnvironmentKey& key,
                                              const std::string& flag) = 0;
};

struct TogglePlace {
  std::unique_ptr<ToggleBoard> board;
  render::CommandPlace commands;
};

// Where --server or PIPELINE_SERVER leads, else this machine. The context must outlive it.
base::Result<TogglePlace> open_toggle_place(const ServerChoice& choice, const Context& context);

}  // namespace pipeline::cli
