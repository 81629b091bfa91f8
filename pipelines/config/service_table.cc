// [[stage.service]] and its `ready`.
#include <algorithm>
#include <array>

#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

using model::ReadySpec;
using model::ServiceSpec;

void check_ready(const Node& node, ReadySpec& /*ready*/, Problems& problems) {
  constexpr std::array kWays = {"command", "tcp", "http"};
  const auto given =
      std::ranges::count_if(kWays, [&node](const char* way) { return node.find(way) != nullptr; });
  if (given == 1) return;
  problems.error(node.span,
                 given == 0 ? "\"ready\" does not say how it is seen that the service is ready"
                            : "\"ready\" says more than once how the service is seen to be ready",
                 R"(give it one of "command", "tcp" and "http")");
}

const Table<ReadySpec>& ready_table() {
  static const auto the_table = [] {
    Table<ReadySpec> table("ready", "how it is seen that a service is ready");
    table.key("command", non_empty_text(), &ReadySpec::command,
              "run in the sandbox, with the service's environment; ready when it succeeds");
    table.key("tcp", loopback_port(), &ReadySpec::endpoint,
              "port of the loopback that accepts a connection");
    table.key("http", loopback_url(), &ReadySpec::endpoint,
              "URL on the loopback that answers 2xx or 3xx");
    table
        .key("interval", positive_duration(), &ReadySpec::interval,
             "between two looks; the first few come sooner")
        .fallback("200ms");
    table
        .key("timeout", positive_duration(), &ReadySpec::timeout,
             "from its start; a service that is not ready by then fails the job")
        .fallback("30s");
    table.at_end(check_ready);
    return table;
  }();
  return the_table;
}

}  // namespace

const Table<ServiceSpec>& service_table() {
  static const auto the_table = [] {
    Table<ServiceSpec> table("service",
                             "a process beside the job, in its sandbox and on its loopback; when "
                             "it ends before the job, the job fails");
    table.key("name", name(), &ServiceSpec::name, "what its log is called").required();
    table
        .key("run", non_empty_text(), &ServiceSpec::run,
             "the command, given to the stage's shell; `exec` before a program lets it hear TERM "
             "itself")
        .required();
    table.key("env", map_of(env_variable(), scalar_as_text()), &ServiceSpec::env,
              "environment variables, over the job's own");
    table.key("ready", table_type(ready_table, "a table"), &ServiceSpec::ready,
              "what the next service and the commands wait for; without it, its start");
    table.key("when", table_type(condition_table, "a table of conditions"), &ServiceSpec::when,
              "conditions that must all hold, or the job runs without it");
    table.at_end([](const Node& node, ServiceSpec& service, Problems&) {
      service.span = Draft::span_of(node, "name");
    });
    return table;
  }();
  return the_table;
}

}  // namespace pipeline::config
