// One health probe of one instance, no memory: rise and fall are counted by whoever asks.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "pipelines/model/environment.h"

namespace pipeline::deploy {

class Prober {
 public:
  virtual ~Prober() = default;
  // Success, or why not: "connection refused", "HTTP 503", "no answer within 2s".
  virtual base::Result<> probe(const std::string& host, std::uint16_t port,
                               const model::HealthCheck& check) = 0;
};

}  // namespace pipeline::deploy
