#include "pipelines/plan/trust.h"

#include <string_view>
#include <variant>

namespace pipeline::plan {

namespace {

// No name that a pipeline gives a lock begins so.
constexpr std::string_view kApart = "_untrusted.";

}  // namespace

std::optional<std::string> why_untrusted_may_not(const model::Stage& stage, const Facts& facts) {
  if (!facts.untrusted) return std::nullopt;
  if (std::holds_alternative<model::DeployWork>(stage.work))
    return "a pull request from a fork deploys nothing";
  const auto* command = std::get_if<model::CommandWork>(&stage.work);
  if (command == nullptr) return std::nullopt;
  if (!command->secrets.empty()) return "a pull request from a fork is given no secrets";
  if (!command->sandbox.readable.empty())
    return "a pull request from a fork sees no files of the machine";
  if (command->sandbox.network == model::NetworkMode::host)
    return "a pull request from a fork gets no network of the machine";
  return std::nullopt;
}

std::string among_equals(std::string name, const Facts& facts) {
  if (facts.untrusted && !name.empty()) name.insert(0, kApart);
  return name;
}

}  // namespace pipeline::plan
