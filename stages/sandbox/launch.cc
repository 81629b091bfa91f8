#include "stages/sandbox/launch.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <optional>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/packet.h"
#include "stages/host/process.h"
#include "stages/sandbox/confinement.h"
#include "stages/sandbox/order.h"
#include "stages/sandbox/seccomp_filter.h"
#include "stages/sandbox/wire.h"

namespace pipeline::sandbox {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

// A helper that waits for its plan, or has it. It is the zygote's child, not ours: that its socket
// closes is how we learn that it has ended.
struct HelperProcess {
  host::UniqueFd control;
  host::UniqueFd complaints;  // what it wrote to its standard error

  bool order(int plan) const { return host::send_message(control.get(), Ordered{}, {plan}); }

  // One that has no plan: nothing of it is left afterwards.
  void dismiss() const {
    ::shutdown(control.get(), SHUT_WR);
    while (host::receive_message<Notice>(control.get())) {
    }
  }
};

std::string last_words(int complaints) {
  ::lseek(complaints, 0, SEEK_SET);
  auto text = host::read_all(complaints);
  if (!text || text->empty()) return "";
  return ": " + std::string(base::trim(*text));
}

Result<host::UniqueFd> make_memory(const char* name) {
  host::UniqueFd memory(::memfd_create(name, MFD_CLOEXEC));
  if (!memory) return base::fail(Error::from_errno(errno, "make a memory file"));
  return memory;
}

Result<host::UniqueFd> make_order(const SandboxPlan& plan) {
  Order order{.plan = plan, .filter = {}};
  if (plan.isolation == Isolation::full) {
    PIPELINE_ASSIGN(order.filter, job_filter());
  }
  PIPELINE_ASSIGN(auto memory, make_memory("order"));
  PIPELINE_TRY(host::write_all(memory.get(), to_json(order)));
  return memory;
}

// The helper program, started once: forking it for a job costs half of what executing it would.
class Zygote {
 public:
  static Result<Zygote> start(const std::filesystem::path& program) {
    PIPELINE_ASSIGN(host::PacketSockets sockets, host::make_packet_sockets());
    PIPELINE_ASSIGN(host::UniqueFd complaints, make_memory("complaints"));
    auto process =
        host::spawn({.program = program,
                     .env = std::map<std::string, std::string>{},
                     .directory = "/",
                     .descriptors = {{2, complaints.get()}, {kZygoteFd, sockets.theirs.get()}},
                     .session = host::ChildSession::own});
    if (!process) return base::fail(std::move(process).error());
    return Zygote(std::move(*process), std::move(sockets.ours), std::move(complaints));
  }
  Zygote(Zygote&&) noexcept = default;
  Zygote& operator=(Zygote&&) noexcept = default;
  ~Zygote() {
    if (!socket_) return;
    socket_.reset();
    (void)process_.wait();  // it has nothing to tell
  }

  Result<HelperProcess> give_birth(Confinement confinement) const {
    PIPELINE_ASSIGN(host::PacketSockets control, host::make_packet_sockets());
    PIPELINE_ASSIGN(host::UniqueFd complaints, make_memory("complaints"));
    if (!host::send_message(socket_.get(), Birth{confinement},
                            {control.theirs.get(), complaints.get()})) {
      return base::fail(ErrorKind::internal,
                        "the helper program has ended" + last_words(complaints_.get()));
    }
    return HelperProcess{.control = std::move(control.ours), .complaints = std::move(complaints)};
  }

 private:
  Zygote(host::Process process, host::UniqueFd socket, host::UniqueFd complaints)
      : process_(std::move(process)),
        socket_(std::move(socket)),
        complaints_(std::move(complaints)) {}

  host::Process process_;
  host::UniqueFd socket_;
  host::UniqueFd complaints_;
};

class NobodyWatches final : public SandboxObserver {
 public:
  void command_started(std::uint32_t) override {}
  void command_finished(std::uint32_t, int) override {}
};

}  // namespace

struct RunningSandbox::Impl {
  HelperProcess helper;
  std::filesystem::path log_directory;
  bool waited = false;
  host::UniqueFd job{};  // pidfd of its first process

  void send(Request request) const {
    // Refused only when the helper is gone, and then there is nothing left to stop.
    (void)host::send_message(helper.control.get(), request, {}, MSG_DONTWAIT);
  }

  void await_end_of_job() const;

  void follow(SandboxObserver& observer) {
    while (auto received = host::receive_message<Notice>(helper.control.get())) {
      const Notice& notice = received->message;
      if (!received->descriptors.empty()) job = std::move(received->descriptors.front());
      if (notice.kind == Notice::Kind::service_awaited) observer.service_awaited(notice.index);
      if (notice.kind == Notice::Kind::command_started) observer.command_started(notice.index);
      if (notice.kind == Notice::Kind::command_finished) {
        observer.command_finished(notice.index, notice.exit_code);
      }
    }
  }
};

// The kernel kills the job with its helper, but only after the helper's files were closed. With its
// first process all others are gone.
void RunningSandbox::Impl::await_end_of_job() const {
  pollfd watched{.fd = job.get(), .events = POLLIN, .revents = 0};
  while (job && ::poll(&watched, 1, -1) < 0 && errno == EINTR) {
  }
}

RunningSandbox::RunningSandbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunningSandbox::RunningSandbox(RunningSandbox&&) noexcept = default;
RunningSandbox& RunningSandbox::operator=(RunningSandbox&& other) noexcept {
  if (this != &other) {
    const RunningSandbox ends_here(std::move(*this));
    impl_ = std::move(other.impl_);
  }
  return *this;
}

RunningSandbox::~RunningSandbox() {
  if (!impl_ || impl_->waited) return;
  stop_now();
  NobodyWatches nobody;
  (void)wait(nobody);  // nobody is left to hear of an error
}

void RunningSandbox::stop(StopCause as) {
  impl_->send(as == StopCause::cancelled ? Request::cancel : Request::time_out);
}

void RunningSandbox::stop_now() {
  impl_->send(Request::kill);
}

Result<SandboxResult> RunningSandbox::wait(SandboxObserver& observer) {
  impl_->follow(observer);
  impl_->waited = true;
  const auto text = host::read_file(impl_->log_directory / kResultName);
  if (!text) {
    impl_->await_end_of_job();
    return base::fail(ErrorKind::internal, "the sandbox helper ended without a result" +
                                               last_words(impl_->helper.complaints.get()));
  }
  return result_from_json(*text);
}

struct Launcher::State {
  std::filesystem::path program;
  std::mutex mutex{};
  std::optional<Zygote> zygote{};           // under mutex
  std::optional<HelperProcess> prepared{};  // under mutex, for Confinement::own_network

  Result<> start_zygote();  // with the mutex held
  Result<HelperProcess> take_helper(Confinement confinement);
  Result<HelperProcess> start_helper(Confinement confinement);
};

Launcher::Launcher(const std::filesystem::path& helper_program)
    : state_(new State{.program = std::filesystem::absolute(helper_program)}) {}

Launcher::~Launcher() {
  if (state_->prepared) state_->prepared->dismiss();
}

void Launcher::prepare() {
  const std::scoped_lock guard(state_->mutex);
  if (state_->prepared) return;
  auto helper = state_->start_helper(Confinement::own_network);
  if (helper) state_->prepared = *std::move(helper);
}

void Launcher::warm_up() {
  const std::scoped_lock guard(state_->mutex);
  if (!state_->zygote) (void)state_->start_zygote();
}

Result<> Launcher::State::start_zygote() {
  auto started = Zygote::start(program);
  if (!started) return base::fail(std::move(started).error().during("start the sandbox helper"));
  zygote.emplace(*std::move(started));
  return {};
}

Result<HelperProcess> Launcher::State::take_helper(Confinement confinement) {
  const std::scoped_lock guard(mutex);
  if (confinement == Confinement::own_network && prepared) {
    return *std::exchange(prepared, std::nullopt);
  }
  return start_helper(confinement);
}

// With the mutex held.
Result<HelperProcess> Launcher::State::start_helper(Confinement confinement) {
  if (zygote) {
    // One that has died is replaced; whether a new one dies is an error.
    if (auto helper = zygote->give_birth(confinement)) return helper;
  }
  PIPELINE_TRY(start_zygote());
  return zygote->give_birth(confinement);
}

Result<RunningSandbox> Launcher::start(const SandboxPlan& plan) {
  PIPELINE_ASSIGN(const host::UniqueFd order, make_order(plan));
  std::error_code none_yet;
  std::filesystem::remove(plan.log_directory / kResultName, none_yet);

  PIPELINE_ASSIGN(HelperProcess helper, state_->take_helper(confinement_of(plan)));
  if (!helper.order(order.get())) {
    // It died while it waited. Whether a new one dies is for wait() to find out.
    PIPELINE_ASSIGN(helper, state_->take_helper(confinement_of(plan)));
    (void)helper.order(order.get());
  }
  return RunningSandbox(std::make_unique<RunningSandbox::Impl>(
      RunningSandbox::Impl{.helper = std::move(helper), .log_directory = plan.log_directory}));
}

}  // namespace pipeline::sandbox
