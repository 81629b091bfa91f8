// How a pipeline is on a branch, as dashboards and badges show it: the CCTray feed and SVG badges.
// Pure.
//
// Sources: https://cctray.org/v1/ (the feed; CruiseControl's own is the same),
//   https://www.w3.org/TR/SVG2/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/run/event.h"

namespace pipeline::notify {

struct PipelineStatus {
  std::string repository;
  std::string pipeline;
  std::string branch;
  bool is_building = false;  // a newer run than that is under way
  // The newest run that came to an end of its own; none: there was none.
  std::optional<run::RunStatus> end{};
  run::RunId run = 0;  // that one, else the one under way
  base::TimePoint ended_at{};
};

// <Projects>, one <Project> for each: "shop/ci (main)". `server`: where people find it, for links;
// empty: not known.
std::string cctray(const std::vector<PipelineStatus>& statuses, const std::string& server);

// "passing", "failing", "error" or "unknown".
std::string_view badge_word(const PipelineStatus& status);

// A flat badge: `label` at the left, and how it is at the right.
std::string badge(const std::string& label, const PipelineStatus& status);

// As the text of an element or the value of an attribute of XML 1.0; characters that it has no room
// for are left out.
std::string escaped_xml(std::string_view text);

}  // namespace pipeline::notify
