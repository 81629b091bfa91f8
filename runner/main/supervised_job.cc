#include "runner/main/supervised_job.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>

#include "agents/protocol/job_order_json.h"
#include "agents/worker/supervised/supervisor.h"
#include "runner/cli/exit_code.h"
#include "runner/engine/masked_event.h"
#include "runner/main/parts.h"
#include "stages/host/file.h"
#include "stages/host/packet.h"

namespace pipeline {

namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr std::string_view kSupervisedJob = "__job";
constexpr std::string_view kStandby = "__standby";
constexpr std::string_view kNoSandbox = "none";
constexpr std::string_view kFullSandbox = "full";
// For the run, the job and the attempt of one that stands by.
constexpr std::size_t kRoomForArguments = 200;
// One that stands by has little to end.
constexpr std::chrono::seconds kPatience{5};
// An order holds one job of a pipeline file.
constexpr std::size_t kLargestOrder = std::size_t{256} << 20U;

// By its name, for whoever lists processes, as long as that is still the same program.
Result<fs::path> this_program() {
  const fs::path running = "/proc/self/exe";
  std::error_code error;
  fs::path name = fs::read_symlink(running, error);
  if (error) return base::fail(base::Error::from_errno(error.value(), "find the running program"));
  return fs::equivalent(name, running, error) && !error ? name : running;
}

std::map<std::string, std::string> environment_with(const store::Paths& paths) {
  std::map<std::string, std::string> env;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    env[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  // However it was found: it must be the same.
  env["PIPELINE_HOME"] = paths.root().string();
  return env;
}

worker::MaskReport mask_of(const protocol::JobOrder& order) {
  std::vector<std::string> values;
  if (const auto* command = std::get_if<protocol::CommandOrder>(&order.work)) {
    for (const auto& [name, value] : command->secrets) values.push_back(value);
  }
  if (values.empty()) return [](run::EventBody& /*report*/) {};
  return [masker = secret::Masker(values)](run::EventBody& report) mutable {
    engine::mask_texts(report, masker);
  };
}

// What makes it the supervisor of a job.
struct Given {
  host::UniqueFd order;
  host::UniqueFd listener;
};

// One that was not given all of it was not given anything.
std::optional<Given> receive_job() {
  char byte = 0;
  auto packet = host::receive_packet(STDIN_FILENO, &byte, sizeof byte, 0);
  if (!packet || packet->descriptors.size() != 2) return std::nullopt;
  return Given{std::move(packet->descriptors.front()), std::move(packet->descriptors.back())};
}

// The number stays the standard input.
Result<> close_input() {
  PIPELINE_ASSIGN(const host::UniqueFd nothing, host::open_file("/dev/null", O_RDONLY));
  if (::dup2(nothing.get(), STDIN_FILENO) == STDIN_FILENO) return {};
  return base::fail(base::Error::from_errno(errno, "close the standard input"));
}

// It is closed then: it holds secrets.
Result<protocol::JobOrder> read_order(host::UniqueFd order) {
  PIPELINE_ASSIGN(const std::string text, host::read_all(order.get(), kLargestOrder));
  return protocol::job_order_from_json(text);
}

Result<> run_job(protocol::JobOrder order, const host::UniqueFd& listener,
                 const Result<worker::WorkerTools>& tools, Parts& parts) {
  const auto* const deploy = std::get_if<protocol::DeployOrder>(&order.work);
  if (deploy != nullptr && deploy->journal) parts.write_deployments_to(order);
  if (!tools) return worker::report_errored(order, tools.error(), parts.clock());
  const worker::MaskReport mask = mask_of(order);
  return worker::supervise(std::move(order), listener, *tools, mask, parts.clock());
}

std::vector<std::string> arguments_of(const std::string& sandbox, const protocol::JobOrder& order) {
  return {std::string(kSupervisedJob), sandbox, std::to_string(order.run), order.job,
          std::to_string(order.attempt)};
}

bool hand_over(const host::UniqueFd& input, const std::vector<int>& given) {
  return host::send_packet(input.get(), "", 1, given, MSG_DONTWAIT);
}

}  // namespace

SupervisedJobs::SupervisedJobs(const store::Paths& paths, cli::SandboxWish sandbox)
    : env_(environment_with(paths)),
      sandbox_(sandbox == cli::SandboxWish::none ? kNoSandbox : kFullSandbox) {}

Result<host::Process> SupervisedJobs::spawn(std::vector<std::string> arguments,
                                            const host::UniqueFd& input) const {
  // Each time: an update may have come by since.
  PIPELINE_ASSIGN(const fs::path program, this_program());
  return host::spawn({.program = program.string(),
                      .arguments = std::move(arguments),
                      .env = env_,
                      .descriptors = {{STDIN_FILENO, input.get()}},
                      .session = host::ChildSession::own});
}

Result<host::Process> SupervisedJobs::start(const protocol::JobOrder& order, int order_descriptor,
                                            int listener) {
  const std::vector<int> given = {order_descriptor, listener};
  auto standby = hand_to_standby(given);
  auto started = standby ? Result<host::Process>(*std::move(standby)) : start_new(order, given);
  start_standby();
  return started;
}

Result<host::Process> SupervisedJobs::start_new(const protocol::JobOrder& order,
                                                const std::vector<int>& given) const {
  PIPELINE_ASSIGN(const host::PacketSockets input, host::make_packet_sockets());
  // Before there is a process: one that exists has it.
  if (!hand_over(input.ours, given)) {
    return base::fail(base::Error::from_errno(errno, "hand over the order"));
  }
  return spawn(arguments_of(sandbox_, order), input.theirs);
}

std::optional<host::Process> SupervisedJobs::hand_to_standby(const std::vector<int>& given) {
  std::optional<Standby> standby;
  {
    const std::scoped_lock guard(mutex_);
    if (standby_) standby.emplace(*std::move(standby_));
    standby_.reset();
  }
  if (!standby || !hand_over(standby->input, given)) return std::nullopt;
  standby->input.reset();
  return std::move(standby->process);
}

void SupervisedJobs::keep_standby() {
  {
    const std::scoped_lock guard(mutex_);
    keeps_standby_ = true;
  }
  start_standby();
}

void SupervisedJobs::start_standby() {
  const std::scoped_lock guard(mutex_);
  if (!keeps_standby_ || standby_) return;
  auto input = host::make_packet_sockets();
  if (!input) return;
  auto process =
      spawn({std::string(kStandby), sandbox_, std::string(kRoomForArguments, ' ')}, input->theirs);
  if (process) standby_.emplace(*std::move(process), std::move(input->ours));
}

SupervisedJobs::Standby::~Standby() {
  if (!input) return;
  input.reset();
  (void)process.wait_for(kPatience);  // after that it is killed
}

bool is_supervised_job(const std::vector<std::string>& arguments) {
  return arguments.size() > 1 &&
         (arguments.front() == kSupervisedJob || arguments.front() == kStandby);
}

int supervised_job(const std::vector<std::string>& arguments, ShownArguments shown) {
  // Callers come and go.
  ::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): it cannot fail for a valid signal
  const std::string& sandbox = arguments[1];
  const auto wish = sandbox == kNoSandbox ? cli::SandboxWish::none : cli::SandboxWish::full;
  // Outlives the parts: whoever sees its listener closed knows that nothing of the job is left.
  std::optional<Given> given;
  Parts parts;
  const auto tools = parts.worker_tools(wish);
  // One that has its job finds out itself what that needs.
  const bool stands_by = arguments.front() == kStandby;
  if (stands_by && wish == cli::SandboxWish::full) parts.warm_up();
  given = receive_job();
  if (!given) return cli::ExitCode::success;
  const auto done = close_input()
                        .and_then([&] { return read_order(std::move(given->order)); })
                        .and_then([&](protocol::JobOrder order) {
                          shown.replace(arguments_of(sandbox, order));
                          return run_job(std::move(order), given->listener, tools, parts);
                        });
  if (done) return cli::ExitCode::success;
  std::cerr << "error: " << done.error().to_string() << "\n";
  return cli::ExitCode::errored;
}

}  // namespace pipeline
