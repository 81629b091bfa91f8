#include "runner/serve/health_endpoints.h"

#include <sys/resource.h>
#include <unistd.h>

#include "pipelines/base/text.h"
#include "runner/cli/help.h"
#include "runner/server/api/json_call.h"
#include "runner/server/api/metric_text.h"
#include "runner/server/http/problem.h"
#include "stages/host/file.h"

namespace pipeline::serve {

namespace {

using api::Call;
using api::MetricText;

double seconds_of(const timeval& time) {
  constexpr double kMicro = 1e-6;
  return static_cast<double>(time.tv_sec) + kMicro * static_cast<double>(time.tv_usec);
}

// The metrics that Prometheus' own clients have of their process, by their names.
void add_process(MetricText& text) {
  rusage used{};
  (void)::getrusage(RUSAGE_SELF, &used);
  text.open("process_cpu_seconds_total", MetricText::Type::counter,
            "Processor time of the server, in seconds.");
  text.sample({}, seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
  // Pages: all, then those that are resident.
  const auto fields = base::split(host::read_file("/proc/self/statm").value_or(""), ' ');
  const auto resident = fields.size() > 1 ? api::number_of<std::uint64_t>(fields[1]) : std::nullopt;
  if (resident)
    text.gauge("process_resident_memory_bytes", "Memory of the server, in bytes.",
               static_cast<double>(*resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
}

void add_agents(const server::AgentRoster& agents, base::TimePoint now, MetricText& text) {
  std::map<std::string, double> count = {{"ready", 0}, {"paused", 0}, {"drained", 0}, {"gone", 0}};
  double slots = 0;
  for (const auto& [name, entry] : agents.all()) {
    const std::string state(agents.state_of(entry, now));
    ++count[state];
    if (state == "ready") slots += entry.hello.slots;
  }
  text.open("pipeline_agents", MetricText::Type::gauge, "Agents by their state.");
  for (const auto& [state, number] : count) text.sample({{"state", state}}, number);
  text.gauge("pipeline_agent_slots", "Jobs that the agents that are ready can have at a time.",
             slots);
}

}  // namespace

std::vector<api::Endpoint> HealthEndpoints::endpoints() {
  return {{.method = "GET",
           .path = "/healthz",
           .summary = "Whether the server answers.",
           .scope = {},
           .handle =
               [](const Call& call) {
                 call.exchange->answer(http::text_response(200, "text/plain", "ok\n"));
               }},
          {.method = "GET",
           .path = "/readyz",
           .summary = "Whether the server can work: its store answers.",
           .scope = {},
           .handle = [this](const Call& call) { ready(call); }},
          {.method = "GET",
           .path = "/metrics",
           .summary = "Its metrics, in the text format of Prometheus.",
           .scope = api::Scope::read,
           .handle = [this](const Call& call) { metrics(call); }}};
}

void HealthEndpoints::ready(const Call& call) const {
  // What is wrong is for the journal of the operator, not for strangers.
  if (const auto runs = watched_.store.list({.limit = 1}); !runs)
    return call.exchange->answer(http::problem(503, "the store does not answer"));
  call.exchange->answer(http::text_response(200, "text/plain", "ready\n"));
}

void HealthEndpoints::metrics(const Call& call) const {
  call.exchange->answer(http::text_response(200, MetricText::kContentType, metric_text()));
}

std::string HealthEndpoints::metric_text() const {
  const RunCounters::Snapshot counted = watched_.counters.snapshot();
  const link::LeaseBoard::Counts jobs = watched_.desk.counts();
  MetricText text;
  text.open("pipeline_build_info", MetricText::Type::gauge, "Which program this is; always 1.");
  text.sample({{"version", cli::version()}}, 1);
  text.open("pipeline_runs_begun_total", MetricText::Type::counter,
            "Runs that began since the server started.");
  text.sample({}, static_cast<double>(counted.runs_begun));
  text.counter("pipeline_runs_finished_total", "Runs that ended since the server started.",
               "status", counted.runs_finished);
  text.counter("pipeline_jobs_finished_total", "Jobs that ended since the server started.",
               "status", counted.jobs_finished);
  text.gauge("pipeline_runs_under_way", "Runs that are under way.",
             static_cast<double>(watched_.runs_under_way()));
  text.gauge("pipeline_jobs_waiting", "Jobs that wait for an agent.",
             static_cast<double>(jobs.offered));
  text.gauge("pipeline_jobs_leased", "Jobs that agents have.", static_cast<double>(jobs.leased));
  add_agents(watched_.agents, watched_.clock.now(), text);
  text.gauge("pipeline_http_connections", "Connections to the server.",
             static_cast<double>(watched_.connections()));
  if (watched_.add_more) watched_.add_more(text);
  add_process(text);
  return text.text();
}

}  // namespace pipeline::serve
