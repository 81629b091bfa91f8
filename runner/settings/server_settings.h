// What an operator can say of a server, in server.toml or by options: plain values, each with what
// holds when nothing is said.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/retention/retention.h"
#include "runner/server/agents/agent_endpoints.h"
#include "runner/server/api/router.h"
#include "runner/server/http/wire/server.h"
#include "runner/settings/outside_settings.h"
#include "stages/host/listener.h"

namespace pipeline::settings {

struct LimitSettings {
  http::Limits http{};
  api::Rate callers = api::kCallerRate;      // requests of one token
  api::Rate strangers = api::kStrangerRate;  // of one address, without a token that is one

  bool operator==(const LimitSettings&) const = default;
};

struct JobSettings {
  std::vector<std::string> labels{};  // of the agent for a job that asks for none

  bool operator==(const JobSettings&) const = default;
};

// What is removed by the server itself: as `pipeline gc` does.
struct RetentionSettings {
  retention::Policy policy{};
  base::Duration every = std::chrono::hours(24);

  bool operator==(const RetentionSettings&) const = default;
};

struct ServerSettings {
  host::Address listen{"127.0.0.1", 8440};
  std::optional<std::string> public_url{};  // where browsers find it; none: where it listens
  std::optional<http::TlsFiles> tls{};      // none: plain HTTP
  server::AgentTimes agents{};
  LimitSettings limits{};
  JobSettings jobs{};
  std::optional<RetentionSettings> retention{};  // none: everything is kept
  std::optional<MailSettings> mail{};            // none: no mail leaves
  std::optional<LoginSettings> login{};          // none: people have only tokens

  bool operator==(const ServerSettings&) const = default;
};

}  // namespace pipeline::settings
