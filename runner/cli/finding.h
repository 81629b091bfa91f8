// One thing that was looked at, how it is, and what to do about it: the matter of `serve --check`
// and of `doctor --server`. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/cli/render/style.h"

namespace pipeline::cli {

enum class Health {
  good,
  weak,  // it works, but somebody should look at it
  bad,   // something does not work
};

struct Finding {
  std::string subject;  // "certificate"
  Health health = Health::good;
  std::string found;   // "ends in 12 days"
  std::string next{};  // what a person can do; empty when there is nothing to do

  bool operator==(const Finding&) const = default;
};

bool all_work(const std::vector<Finding>& findings);

// Of somebody's certificate, by how long it still holds.
Finding certificate_finding(const std::string& subject, const std::string& whose,
                            base::TimePoint until, base::TimePoint now);

// For a person: a line each, with its next step below it.
std::string render(const std::vector<Finding>& findings, render::Color color);

boost::json::array to_json(const std::vector<Finding>& findings);
// What to_json() made, from somebody else; ErrorKind::invalid when it did not.
base::Result<std::vector<Finding>> findings_from_json(const boost::json::value& json);

}  // namespace pipeline::cli
