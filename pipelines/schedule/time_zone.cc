#include "pipelines/schedule/time_zone.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <algorithm>

#include "pipelines/base/text.h"

namespace pipeline::schedule {

namespace chrono = std::chrono;

namespace {

using Seconds = cctz::time_point<cctz::seconds>;

constexpr std::size_t kLongestName = 64;
constexpr std::string_view kOther = "_+-/";

const cctz::civil_minute kEpoch(1970, 1, 1, 0, 0);

Seconds seconds_of(base::TimePoint at) {
  return Seconds(chrono::floor<cctz::seconds>(at.time_since_epoch()));
}

// cctz would also read files by their path, and names of its own; the system keeps its own choice
// and copies of all zones beside them.
bool may_be_zone(std::string_view name) {
  const auto fits = [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || kOther.find(byte) != std::string_view::npos;
  };
  if (name.empty() || name.size() > kLongestName || name.starts_with('/')) return false;
  for (const std::string_view system : {"posix/", "right/", "Fixed/"}) {
    if (name.starts_with(system)) return false;
  }
  return name != "localtime" && name != "posixrules" && std::ranges::all_of(name, fits);
}

}  // namespace

base::Result<TimeZone> TimeZone::load(std::string_view name) {
  cctz::time_zone zone;
  if (!may_be_zone(name) || !cctz::load_time_zone(std::string(name), &zone)) {
    return base::fail(base::Error(base::ErrorKind::invalid,
                                  "there is no time zone \"" + base::printable(name) + '"')
                          .hint(R"(expected a name such as "Europe/Zurich" or "UTC")"));
  }
  return TimeZone(std::make_shared<const cctz::time_zone>(zone));
}

LocalMinutes TimeZone::local(base::TimePoint at) const {
  const cctz::civil_minute shown(zone_->lookup(seconds_of(at)).cs);
  return LocalMinutes(chrono::minutes(shown - kEpoch));
}

base::TimePoint TimeZone::instant(LocalMinutes local) const {
  const cctz::civil_minute shown = kEpoch + local.time_since_epoch().count();
  const Seconds at = cctz::convert(cctz::civil_second(shown), *zone_);
  return base::TimePoint(at.time_since_epoch());
}

std::string TimeZone::format(base::TimePoint at) const {
  return cctz::format("%a %Y-%m-%d %H:%M %Z", seconds_of(at), *zone_);
}

std::string TimeZone::format_for_machines(base::TimePoint at) const {
  return cctz::format("%Y-%m-%dT%H:%M:%S%Ez", seconds_of(at), *zone_);
}

}  // namespace pipeline::schedule
