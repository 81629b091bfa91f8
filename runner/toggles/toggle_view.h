// A toggle as a person sees it, and as JSON: what `pipeline toggle list --json` and the API say.
// Pure values.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/store/toggle_store.h"
#include "runner/toggles/flags_in_service.h"

namespace pipeline::toggles {

struct ToggleView {
  std::string key;
  // The variant that everybody gets; "by its rules" when that depends on whom, "the program's
  // default" when no variant is said.
  std::string value{};
  std::optional<toggle::Setting> setting{};  // none: it is as the file says
  bool is_in_file = true;  // false: set, but the release that serves has no such flag
  std::string owner{};
  std::string expiry{};   // as the file writes it
  bool is_stale = false;  // past its expiry
  std::vector<std::string> variants{};
};

struct EnvironmentToggles {
  deploy::EnvironmentKey key;
  std::uint64_t release = 0;
  std::string path{};
  std::string problem{};  // why the file says nothing; empty: it does
  std::vector<ToggleView> toggles{};
};

EnvironmentToggles view_of(const FlagsInService& flags, base::TimePoint now);
// As ToggleView::value says it.
std::string value_of(const toggle::Flag& flag);

boost::json::object json_of(const ToggleView& view);
boost::json::object json_of(const EnvironmentToggles& toggles);
boost::json::object json_of(const store::ToggleChange& change);
boost::json::object json_of(const toggle::Setting& setting);
// ErrorKind::corrupt for what json_of() has not written. A member that is unknown is ignored.
base::Result<EnvironmentToggles> environment_toggles_from_json(const boost::json::value& value);
base::Result<store::ToggleChange> change_from_json(const boost::json::value& value);
base::Result<toggle::Setting> setting_from_json(const boost::json::value& value);

}  // namespace pipeline::toggles
