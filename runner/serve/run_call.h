// The run that a call's path names.
#pragma once

#include <optional>

#include "pipelines/run/event.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"

namespace pipeline::serve {

// None, and the call is answered, when the path names no run.
inline std::optional<run::RunId> run_in(const api::Call& call) {
  const auto run = api::number_of<run::RunId>(call.part("run"));
  if (!run) call.exchange->answer(http::problem(404, "a run has a number"));
  return run;
}

}  // namespace pipeline::serve
