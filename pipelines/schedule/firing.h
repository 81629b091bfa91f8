// When a schedule fires: a cron expression in a time zone. Pure.
//
// Each local time that the expression names fires once: one in a gap at the first instant after the
// gap, together with what is due then, and one that clocks show twice the first time.
#pragma once

#include <optional>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/model/triggers.h"
#include "pipelines/schedule/cron.h"
#include "pipelines/schedule/time_zone.h"

namespace pipeline::schedule {

// The first one after `after`; none only past the years that can be represented.
std::optional<base::TimePoint> next_firing(const Cron& cron, const TimeZone& zone,
                                           base::TimePoint after);
// The next `count`.
std::vector<base::TimePoint> next_firings(const Cron& cron, const TimeZone& zone,
                                          base::TimePoint after, std::size_t count);

// Nobody was there to start them since `last`, the newest firing that was dealt with: which of
// those until and with `now` are started after all, oldest first. `run_all` makes up for the newest
// `most`.
std::vector<base::TimePoint> made_up_for(model::MissedFirings policy, const Cron& cron,
                                         const TimeZone& zone, base::TimePoint last,
                                         base::TimePoint now, std::size_t most);

}  // namespace pipeline::schedule
