#include "runner/serve/served_flags.h"

namespace pipeline::serve {

using deploy::EnvironmentKey;
using ofrep::Served;
using toggles::FlagsInService;

std::optional<Served> ServedFlags::find(const EnvironmentKey& key) const {
  const std::scoped_lock guard(mutex_);
  const auto found = served_.find(key);
  return found == served_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Served> ServedFlags::all() const {
  const std::scoped_lock guard(mutex_);
  std::vector<Served> all;
  for (const auto& [key, served] : served_) all.push_back(served);
  return all;
}

void ServedFlags::look() {
  const std::scoped_lock guard(looking_);
  if (!services_) services_ = parts_.make_services();
  const auto desk = services_->toggles();
  if (!desk) return tell_once(desk.error().to_string());
  const auto version = (*desk)->version();
  if (!version) return tell_once(version.error().to_string());
  if (seen_ == *version) return;
  // As it was before: what comes while we look is seen the next time.
  if (look_at_all(**desk)) seen_ = *version;
}

bool ServedFlags::look_at_all(toggles::ToggleDesk& desk) {
  const auto keys = desk.environments();
  if (!keys) {
    tell_once(keys.error().to_string());
    return false;
  }
  std::string trouble;
  for (const EnvironmentKey& key : *keys) {
    auto flags = desk.look(key);
    if (flags) {
      serve(*std::move(flags));
    } else {
      trouble += (trouble.empty() ? "" : "; ") + key.pipeline + "/" + key.environment + ": " +
                 flags.error().to_string();
    }
  }
  tell_once(trouble);
  return trouble.empty();
}

void ServedFlags::serve(FlagsInService flags) {
  const Served now{std::make_shared<const FlagsInService>(std::move(flags)), parts_.clock.now()};
  {
    const std::scoped_lock guard(mutex_);
    Served& served = served_[now.flags->key];
    if (served.flags && served.flags->revision == now.flags->revision) return;
    served = now;
  }
  parts_.on_change(now.flags->key, {now.flags->revision, now.since});
}

void ServedFlags::tell_once(const std::string& trouble) {
  if (!trouble.empty() && trouble != told_) parts_.tell("flags cannot be looked at: " + trouble);
  told_ = trouble;
}

}  // namespace pipeline::serve
