// Who may listen to the changes of an environment's flags: whoever was let in to evaluate them. He
// is given an address with a ticket in it, because browsers send no token with an EventSource.
//
// A ticket is good for one environment, for as long as the server keeps its key: whoever was once
// let in can hear that flags change, and never what they are. Pure; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "stages/deploy/environment_key.h"

namespace pipeline::ofrep {

class StreamTickets {
 public:
  // REQUIRES: `key` is a secret.
  explicit StreamTickets(std::string key) : key_(std::move(key)) {}

  std::string of(const deploy::EnvironmentKey& key) const;
  bool is_good(std::string_view ticket, const deploy::EnvironmentKey& key) const;

 private:
  std::string key_;
};

}  // namespace pipeline::ofrep
