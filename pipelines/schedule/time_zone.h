// Time zones by their IANA names, from the system's zoneinfo. A value; copies share what was read.
// Safe for concurrent calls.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/schedule/cron.h"

namespace cctz {
class time_zone;
}

namespace pipeline::schedule {

class TimeZone {
 public:
  // ErrorKind::invalid, with a hint, for what is no name of a zone that this system knows.
  static base::Result<TimeZone> load(std::string_view name);

  LocalMinutes local(base::TimePoint at) const;  // to the whole minute before
  // The instant at which clocks show it. In a gap: the first instant after it; shown twice: the
  // first time.
  base::TimePoint instant(LocalMinutes local) const;
  // "Sat 2026-11-28 02:30 CET".
  std::string format(base::TimePoint at) const;
  // "2026-11-28T02:30:00+01:00".
  std::string format_for_machines(base::TimePoint at) const;

 private:
  explicit TimeZone(std::shared_ptr<const cctz::time_zone> zone) : zone_(std::move(zone)) {}
  std::shared_ptr<const cctz::time_zone> zone_;
};

}  // namespace pipeline::schedule
