#include "runner/serve/settings_in_use.h"

#include "runner/settings/settings_change.h"

namespace pipeline::serve {

std::optional<settings::RetentionSettings> SettingsInUse::retention() const {
  const std::scoped_lock guard(mutex_);
  return settings_.retention;
}

// What holds at the next start only is kept as it was, so that it is told of again.
void SettingsInUse::read_again() {
  const auto read = reread_();
  if (!read) return tell_("the settings stay as they are: " + read.error().to_string());
  const std::scoped_lock guard(mutex_);
  tell_("read the settings again: " + settings::change_between(settings_, *read).sentence());
  settings_.retention = read->retention;
}

}  // namespace pipeline::serve
