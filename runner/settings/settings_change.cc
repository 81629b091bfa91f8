#include "runner/settings/settings_change.h"

#include "pipelines/base/text.h"
#include "runner/settings/server_tables.h"

namespace pipeline::settings {

SettingsChange change_between(const ServerSettings& before, const ServerSettings& after) {
  SettingsChange change;
  for (const Part& part : parts()) {
    if (!part.differs(before, after)) continue;
    const std::string name = part.table == nullptr ? part.name : "[" + part.name + "]";
    (part.holds == Holds::at_reload ? change.now : change.at_restart).push_back(name);
  }
  return change;
}

std::string SettingsChange::sentence() const {
  if (now.empty() && at_restart.empty()) return "nothing of the settings has changed";
  std::string text;
  if (!now.empty()) text = base::join(now, ", ") + " changed";
  if (!at_restart.empty()) {
    if (!text.empty()) text += "; ";
    text += base::join(at_restart, ", ") + " changed, which a restart is needed for";
  }
  return text;
}

}  // namespace pipeline::settings
