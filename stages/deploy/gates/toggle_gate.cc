#include "stages/deploy/gates/toggle_gate.h"

#include "pipelines/base/text.h"
#include "pipelines/toggle/flag_file.h"
#include "pipelines/toggle/off_gate.h"

namespace pipeline::deploy::gates {

using base::Result;

Result<GateVerdict> ask_toggles(const model::ToggleGate& gate, const GateContext& context,
                                source::Source& source, const ReadSettings& settings,
                                base::TimePoint now) {
  if (context.phase == GatePhase::after_promotion) {
    return GateVerdict{true, "toggles were looked at before traffic"};
  }
  if (!context.toggles) {
    return GateVerdict{false, "environment " + context.environment +
                                  " names no flag file; set `toggles` to its path"};
  }
  source::Revision revision;
  revision.repository = context.repository;
  revision.tree = context.tree;
  const auto text = source.read_file(revision, *context.toggles);
  if (!text && text.error().kind() == base::ErrorKind::not_found) {
    return GateVerdict{false, "the flag file " + *context.toggles + " is not in the tree"};
  }
  if (!text) return tl::unexpected(text.error());
  auto flags = toggle::read_flags(*text);
  if (!flags) return GateVerdict{false, *context.toggles + ": " + flags.error().to_string()};
  PIPELINE_ASSIGN(const toggle::Settings set, settings());
  auto decision = toggle::decide_off(toggle::with_settings(*std::move(flags), set), gate.off, now);
  for (const std::string& key : gate.off)
    if (const auto found = set.find(key); found != set.end())
      decision.findings.push_back(key + " was set to " + found->second.value + " by " +
                                  found->second.by);
  return GateVerdict{decision.passed, base::join(decision.findings, "; ")};
}

}  // namespace pipeline::deploy::gates
