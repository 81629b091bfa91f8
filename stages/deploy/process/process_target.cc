#include "stages/deploy/process/process_target.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "stages/host/listener.h"
#include "stages/host/process.h"
#include "stages/host/remove.h"

namespace pipeline::deploy::process {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kLastLines = 20;

Result<> make_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return {};
  return base::fail(base::Error::from_errno(error.value(), "make " + path.string()));
}

std::string last_lines(const fs::path& place) {
  constexpr std::size_t kEnough = std::size_t{16} << 10U;
  auto text = host::read_file(place / kOlderOutputFile).value_or("") +
              host::read_file(place / kOutputFile).value_or("");
  if (text.size() > kEnough) text.erase(0, text.size() - kEnough);
  auto lines = base::split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.size() > kLastLines) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kLastLines));
  }
  for (auto& line : lines) line = base::printable(line);
  return base::join(lines, "\n");
}

bool is_supervised(const fs::path& place) {
  const auto state = read_state(place);
  return state && host::is_alive(state->supervisor);
}

ObservedInstance observed(const fs::path& place, InstanceSpec spec) {
  ObservedInstance instance;
  instance.spec = std::move(spec);
  instance.last_output = last_lines(place);
  const auto state = read_state(place);
  if (!state) return instance;
  instance.restarts = state->restarts;
  if (host::is_alive(state->supervisor)) instance.supervisor = state->supervisor.pid;
  if (!state->instance || !host::is_alive(*state->instance)) return instance;
  instance.pid = state->instance->pid;
  instance.running = instance.supervisor != 0;
  return instance;
}

// Ends the supervisor and returns its lock: there is none now, and none can begin in this place.
// One that was started just now holds the lock before its state says who it is.
Result<host::UniqueFd> end_supervisor(const fs::path& place) {
  const auto order = read_order(place);
  // It gives the instance its signal and its time, and kills what is left of it.
  const auto patience = (order ? order->spec.stop.timeout : 10s) + 15s;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  PIPELINE_ASSIGN(host::UniqueFd lock, host::open_file(place / kLockFile, O_CREAT | O_RDWR, 0600));
  for (;;) {
    if (const auto state = read_state(place)) {
      PIPELINE_TRY(host::end_process(state->supervisor, SIGTERM, patience));
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(10ms);  // flock knows no deadline
  }
  return base::fail(base::Error(ErrorKind::conflict, "the supervisor of " + place.string() +
                                                         " lives, but does not say who it is")
                        .hint("see who holds its lock: fuser " + (place / kLockFile).string()));
}

bool is_valid_name(const std::string& name) {
  return !name.empty() && !name.starts_with('.') && name.find('/') == std::string::npos;
}

}  // namespace

ProcessTarget::ProcessTarget(fs::path directory, Artifacts artifacts, fs::path supervisor_program)
    : directory_(std::move(directory)),
      releases_(directory_ / "releases", std::move(artifacts)),
      supervisor_program_(std::move(supervisor_program)) {}

fs::path ProcessTarget::place_of(const std::string& instance) const {
  return directory_ / "instances" / instance;
}

Result<> ProcessTarget::verify(const base::Digest& artifact) {
  return releases_.verify(artifact);
}

Result<> ProcessTarget::install(std::uint64_t release, const base::Digest& artifact) {
  return releases_.install(release, artifact);
}

Result<std::uint64_t> ProcessTarget::last_installed() {
  return releases_.last();
}

Result<> ProcessTarget::remove(std::uint64_t release) {
  PIPELINE_ASSIGN(const auto instances, observe());
  for (const auto& instance : instances) {
    if (instance.spec.release != release) continue;
    return base::fail(ErrorKind::conflict, "release " + std::to_string(release) +
                                               " cannot be removed: " + instance.spec.name +
                                               " was started from it");
  }
  return releases_.remove(release);
}

Result<> ProcessTarget::start(const InstanceSpec& spec) {
  if (!is_valid_name(spec.name)) {
    return base::fail(ErrorKind::invalid, "\"" + spec.name + "\" is no name for an instance");
  }
  const auto place = place_of(spec.name);
  if (const auto order = read_order(place); order && order->spec == spec && is_supervised(place)) {
    return {};
  }
  PIPELINE_TRY(stop(spec.name));  // another spec of that name, or what its dead supervisor left
  Order order{spec, {}, std::nullopt};
  PIPELINE_ASSIGN(order.directory, releases_.files(spec.release));
  if (::geteuid() == 0) order.user = host::instance_user();
  auto launched = launch(order);
  if (!launched) return base::during(std::move(launched), "start instance " + spec.name);
  return {};
}

Result<> ProcessTarget::launch(const Order& order) const {
  const auto place = place_of(order.spec.name);
  PIPELINE_TRY(make_directory(place / kHomeDirectory));
  PIPELINE_TRY(host::give_to_instance_user(place / kHomeDirectory));
  PIPELINE_TRY(write_order(place, order));
  const host::UniqueFd complaints(::memfd_create("complaints", MFD_CLOEXEC));
  // It leaves the supervisor behind as a daemon and ends when the instance was started.
  PIPELINE_ASSIGN(auto launcher, host::spawn({.program = supervisor_program_,
                                              .arguments = {place},
                                              .env = std::map<std::string, std::string>{},
                                              .directory = "/",
                                              .descriptors = {{2, complaints.get()}},
                                              .session = host::ChildSession::own}));
  PIPELINE_ASSIGN(const auto status, launcher.wait());
  if (status.success()) return {};
  ::lseek(complaints.get(), 0, SEEK_SET);
  const auto words = host::read_all(complaints.get()).value_or("");
  return base::fail(ErrorKind::unavailable, words.empty()
                                                ? "its supervisor ended with " + status.to_string()
                                                : std::string(base::trim(words)));
}

Result<> ProcessTarget::stop(const std::string& instance) {
  const auto place = place_of(instance);
  std::error_code unknown;
  if (!fs::exists(place, unknown) && !unknown) return {};
  PIPELINE_ASSIGN(const auto lock, end_supervisor(place));
  // Only where the supervisor itself had been killed is anything left.
  if (const auto state = read_state(place); state && state->instance) {
    PIPELINE_TRY(host::end_process(*state->instance, SIGKILL, 10s));
    PIPELINE_TRY(host::end_session(*state->instance));
  }
  return host::remove_all(place);
}

Result<std::vector<ObservedInstance>> ProcessTarget::observe() {
  std::vector<ObservedInstance> instances;
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(directory_ / "instances", none_yet)) {
    auto order = read_order(entry.path());
    // Of a starter that was killed before it wrote the order: nothing was started. Or of a machine
    // that lost its power: nothing is left of it, and the next start replaces it.
    if (!order && (order.error().kind() == ErrorKind::not_found || !is_supervised(entry.path()))) {
      continue;
    }
    if (!order) return tl::unexpected(std::move(order).error());
    instances.push_back(observed(entry.path(), std::move(order->spec)));
  }
  std::sort(instances.begin(), instances.end(),
            [](const auto& left, const auto& right) { return left.spec.name < right.spec.name; });
  return instances;
}

// Who holds it; none: we do now. An error when it cannot be had although nobody holds it.
Result<std::optional<std::string>> ProcessTarget::take_port(std::uint16_t port) {
  using Holder = std::optional<std::string>;
  // First of all: what is free now is then given to nobody else.
  if (!claims_.claim(port)) return Holder("another deployment");
  auto bindable = host::can_listen({"", port});
  if (bindable) return Holder();
  claims_.release(port);
  if (bindable.error().kind() != ErrorKind::conflict) {
    return base::fail(std::move(bindable).error());
  }
  return Holder(host::listener_on({"", port}).value_or("somebody else"));
}

Result<std::vector<std::uint16_t>> ProcessTarget::free_ports(
    const model::PortRange& range, std::uint32_t count, const std::vector<std::uint16_t>& kept) {
  PIPELINE_ASSIGN(const auto instances, observe());
  std::map<std::uint16_t, std::string> held;
  for (const std::uint16_t port : kept) held[port] = "the release that serves";
  for (const auto& instance : instances) {
    // One that is between two starts holds its port as well; one that nobody starts does not.
    if (instance.supervisor != 0) held[instance.spec.port] = instance.spec.name;
  }
  std::vector<std::uint16_t> free;
  std::vector<std::string> reasons;
  std::optional<base::Error> refusal;  // of a port that nobody holds
  for (std::uint32_t port = range.first; port <= range.last && free.size() < count; ++port) {
    const auto number = static_cast<std::uint16_t>(port);
    const auto known = held.find(number);
    auto holder =
        known != held.end() ? Result<std::optional<std::string>>(known->second) : take_port(number);
    if (!holder) {
      if (!refusal) refusal = std::move(holder).error();
    } else if (*holder) {
      reasons.push_back(std::to_string(port) + " by " + **holder);
    } else {
      free.push_back(number);
    }
  }
  if (free.size() >= count) return free;
  for (const std::uint16_t port : free) claims_.release(port);
  if (refusal) return base::fail(*std::move(refusal));
  return base::fail(base::Error(ErrorKind::exhausted,
                                std::to_string(count) + " ports are needed, but of " +
                                    std::to_string(range.first) + "-" + std::to_string(range.last) +
                                    " only " + std::to_string(free.size()) +
                                    " are free; held are " + base::join(reasons, ", "))
                        .hint("widen `ports` of the environment, or stop what holds them"));
}

}  // namespace pipeline::deploy::process
