// Feature toggles of environments, as operators call for them. Applications evaluate theirs over
// runner/server/ofrep.
//
// Threads: the server's; settings are written on others.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "agents/worker/thread_pool.h"
#include "pipelines/base/clock.h"
#include "runner/cli/services.h"
#include "runner/serve/environment_access.h"
#include "runner/serve/served_flags.h"
#include "runner/server/api/endpoint.h"

namespace pipeline::serve {

class ToggleEndpoints {
 public:
  // All outlive it.
  ToggleEndpoints(ServedFlags& flags, std::function<std::unique_ptr<cli::Services>()> make_services,
                  const EnvironmentAccess& environments, worker::ThreadPool& pool,
                  const base::Clock& clock)
      : flags_(flags),
        make_services_(std::move(make_services)),
        environments_(environments),
        pool_(pool),
        clock_(clock) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void list(const api::Call& call);
  void show(const api::Call& call);
  void history(const api::Call& call);
  void set(const api::Call& call);
  void clear(const api::Call& call);

  // Answers with what the toggle was set to before, once every listener has been told.
  void change(const api::Call& call, std::optional<std::string> value);

  ServedFlags& flags_;
  const std::function<std::unique_ptr<cli::Services>()> make_services_;
  const EnvironmentAccess& environments_;
  worker::ThreadPool& pool_;
  const base::Clock& clock_;
};

}  // namespace pipeline::serve
