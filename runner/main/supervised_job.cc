#include "runner/main/supervised_job.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "agents/protocol/job_order_json.h"
#include "agents/worker/supervised/supervisor.h"
#include "runner/cli/exit_code.h"
#include "runner/engine/masked_event.h"
#include "runner/main/parts.h"
#include "stages/host/file.h"

namespace pipeline {

namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr std::string_view kNoSandbox = "none";
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

Result<protocol::JobOrder> read_order() {
  PIPELINE_ASSIGN(const std::string text, host::read_all(worker::kOrderDescriptor, kLargestOrder));
  ::close(worker::kOrderDescriptor);
  // The number is the standard input of whatever is started from here on.
  PIPELINE_TRY(host::open_file("/dev/null", O_RDONLY).map([](host::UniqueFd fd) { fd.release(); }));
  return protocol::job_order_from_json(text);
}

Result<> run_job(const host::UniqueFd& listener, cli::SandboxWish sandbox, Parts& parts) {
  PIPELINE_ASSIGN(protocol::JobOrder order, read_order());
  const auto* const deploy = std::get_if<protocol::DeployOrder>(&order.work);
  if (deploy != nullptr && deploy->journal) parts.write_deployments_to(order);
  const auto tools = parts.worker_tools(sandbox);
  if (!tools) return worker::report_errored(order, tools.error(), parts.clock());
  const worker::MaskReport mask = mask_of(order);
  return worker::supervise(std::move(order), listener, *tools, mask, parts.clock());
}

}  // namespace

worker::StartSupervisor start_supervised_job(const store::Paths& paths, cli::SandboxWish sandbox) {
  return [env = environment_with(paths), sandbox](const protocol::JobOrder& order,
                                                  int order_descriptor,
                                                  int listener) -> Result<host::Process> {
    // Each time: an update may have come by since.
    PIPELINE_ASSIGN(const fs::path program, this_program());
    host::ProcessSpec spec;
    spec.program = program.string();
    spec.arguments = {std::string(kSupervisedJob), std::to_string(order.run), order.job,
                      std::to_string(order.attempt),
                      std::string(sandbox == cli::SandboxWish::none ? kNoSandbox : "full")};
    spec.env = env;
    spec.descriptors = {{worker::kOrderDescriptor, order_descriptor},
                        {worker::kListenerDescriptor, listener}};
    spec.session = host::ChildSession::own;
    return host::spawn(spec);
  };
}

int supervised_job(const std::vector<std::string>& arguments) {
  // Callers come and go.
  ::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): it cannot fail for a valid signal
  // Outlives the parts: whoever sees it closed knows that nothing of the job is left.
  const host::UniqueFd listener(worker::kListenerDescriptor);
  ::fcntl(listener.get(), F_SETFD, FD_CLOEXEC);
  const bool naked = arguments.size() == 4 && arguments.back() == kNoSandbox;
  Parts parts;
  const auto done =
      run_job(listener, naked ? cli::SandboxWish::none : cli::SandboxWish::full, parts);
  if (done) return cli::ExitCode::success;
  std::cerr << "error: " << done.error().to_string() << "\n";
  return cli::ExitCode::errored;
}

}  // namespace pipeline
