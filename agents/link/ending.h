// An attempt's end that nobody but us could tell: it never began, or whoever ran it died.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "pipelines/run/event.h"

namespace pipeline::link {

inline run::JobFinished ending(const std::string& job, std::uint32_t attempt, run::JobStatus status,
                               std::string reason) {
  run::JobFinished finished;
  finished.job = job;
  finished.attempt = attempt;
  finished.status = status;
  finished.reason = std::move(reason);
  return finished;
}

}  // namespace pipeline::link
