#include "stages/deploy/gates/smoke_gate.h"

#include <charconv>

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "stages/deploy/gates/address_relay.h"
#include "stages/host/remove.h"
#include "stages/log/reader.h"

namespace pipeline::deploy::gates {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;
using run::JobStatus;

namespace {

constexpr std::uint64_t kLastLines = 20;

// Which command was the last to end, and how.
class LastCommand final : public step::StepObserver {
 public:
  void started() override {}
  void command_started(std::uint32_t index) override { index_ = index; }
  void command_finished(std::uint32_t index, int exit_code) override {
    index_ = index;
    exit_code_ = exit_code;
  }
  void finishing() override {}

  std::uint32_t index() const { return index_; }
  int exit_code() const { return exit_code_; }

 private:
  std::uint32_t index_ = 0;
  int exit_code_ = 0;
};

Result<host::Address> address_in(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  const std::string_view text = url;
  return host::Address::parse(text.starts_with(kScheme) ? text.substr(kScheme.size()) : text);
}

// An empty directory of this gate's own, which the job's user may enter.
Result<fs::path> make_directory(const SmokeTools& tools, const GateContext& context) {
  const char* phase = context.phase == GatePhase::before_traffic ? "before-" : "after-";
  fs::path directory =
      tools.directory / std::to_string(context.release) / (phase + std::to_string(context.gate));
  PIPELINE_TRY(host::remove_all(directory));
  std::error_code error;
  fs::create_directories(directory / "relay", error);
  fs::create_directories(directory / "log", error);
  if (!error) return directory;
  return base::fail(base::Error::from_errno(error.value(), "make " + directory.string()));
}

std::vector<std::string> last_lines(const fs::path& log_directory) {
  auto reader = log::LogReader::open(log_directory);
  if (!reader) return {};
  std::string text;
  for (auto offset = reader->tail_offset(kLastLines); offset;) {
    const auto piece = reader->read(*offset);
    if (!piece || piece->bytes.empty()) break;
    text += piece->bytes;
    offset = piece->next;
  }
  while (text.ends_with('\n')) text.pop_back();
  if (text.empty()) return {};
  auto lines = base::split(text, '\n');
  for (auto& line : lines) line = base::printable(line);
  return lines;
}

// "tests/smoke.sh: exit code 1": one line, for a table as well.
std::string failure_of(const model::SmokeGate& gate, const step::StepOutcome& outcome,
                       const LastCommand& last, std::size_t preparations) {
  const auto index = last.index() - preparations;
  if (last.index() < preparations || index >= gate.run.size()) return outcome.reason;
  const bool said_no = outcome.status == JobStatus::failed && last.exit_code() != 0;
  return gate.run[index] + ": " +
         (said_no ? "exit code " + std::to_string(last.exit_code()) : outcome.reason);
}

step::StepOrder order_for(const model::SmokeGate& gate, const GateContext& context,
                          const fs::path& log) {
  step::StepOrder order;
  order.repository = context.repository;
  order.tree = context.tree;
  order.work.run = gate.run;
  order.env = {{"CI", "true"},
               {"PREVIEW_URL", context.preview_url},
               {"PUBLIC_URL", context.public_url},
               {"ENVIRONMENT", context.environment},
               {"RELEASE", std::to_string(context.release)}};
  order.timeout = gate.timeout;
  order.log_directory = log;
  return order;
}

Result<GateVerdict> verdict_of(const model::SmokeGate& gate, const step::StepOutcome& outcome,
                               const LastCommand& last, std::size_t preparations,
                               const fs::path& log) {
  if (outcome.status == JobStatus::succeeded) {
    return GateVerdict{true, base::join(gate.run, "; ") + ": passed", {}};
  }
  if (outcome.status == JobStatus::cancelled) {
    return base::fail(ErrorKind::cancelled, "the smoke test was stopped");
  }
  const bool ran = outcome.status == JobStatus::failed || outcome.status == JobStatus::timed_out;
  // A preparation is ours: what becomes of it says nothing about the release.
  if (ran && last.index() >= preparations) {
    return GateVerdict{false, failure_of(gate, outcome, last, preparations), last_lines(log)};
  }
  const auto lines = last_lines(log);
  return base::fail(ErrorKind::unavailable, "the smoke test could not run: " + outcome.reason +
                                                (lines.empty() ? "" : ": " + lines.back()));
}

}  // namespace

Result<GateVerdict> ask_smoke(const model::SmokeGate& gate, const GateContext& context,
                              const SmokeTools& tools, const std::stop_token& stop) {
  PIPELINE_ASSIGN(const fs::path directory, make_directory(tools, context));
  const fs::path log = directory / "log";
  auto order = order_for(gate, context, log);
  const bool before = context.phase == GatePhase::before_traffic;
  PIPELINE_ASSIGN(auto target, address_in(before ? context.preview_url : context.public_url));
  PIPELINE_ASSIGN(const auto relay, AddressRelay::open(directory / "relay", std::move(target)));
  // Without a sandbox the address is reachable as it is.
  const bool isolated = tools.step.isolation == sandbox::Isolation::full;
  const std::string url = isolated ? relay->url()
                          : before ? context.preview_url
                                   : context.public_url;
  // The address in question, in both phases: one command serves before and after promotion.
  order.env["PREVIEW_URL"] = url;
  if (!before) order.env["PUBLIC_URL"] = url;
  if (isolated) {
    order.work.run.insert(order.work.run.begin(), relay->command(tools.relay_program));
    order.work.sandbox.readable = relay->readable(tools.relay_program);
  }
  LastCommand last;
  step::Step step(tools.step, std::move(order));
  const std::stop_callback on_stop(
      stop, [&step] { step.stop(JobStatus::cancelled, "the deployment was stopped"); });
  const auto outcome = step.run(last);
  return verdict_of(gate, outcome, last, isolated ? 1 : 0, log);
}

base::Result<> forget_smoke(const SmokeTools& tools, std::uint64_t last_release) {
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(tools.directory, none_yet)) {
    const std::string name = entry.path().filename();
    std::uint64_t release = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), release);
    if (error != std::errc() || *end != '\0' || release > last_release) continue;
    PIPELINE_TRY(host::remove_all(entry.path()));
  }
  return {};
}

}  // namespace pipeline::deploy::gates
