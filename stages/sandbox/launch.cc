#include "stages/sandbox/launch.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/process.h"
#include "stages/sandbox/order.h"
#include "stages/sandbox/seccomp_filter.h"
#include "stages/sandbox/wire.h"

namespace pipeline::sandbox {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

struct Control {
  host::UniqueFd ours;
  host::UniqueFd helpers;
};

Result<Control> make_control() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return base::fail(Error::from_errno(errno, "make a control socket"));
  }
  return Control{.ours = host::UniqueFd(ends[0]), .helpers = host::UniqueFd(ends[1])};
}

Result<host::UniqueFd> make_order(const SandboxPlan& plan) {
  Order order{.plan = plan, .filter = {}};
  if (plan.isolation == Isolation::full) {
    PIPELINE_ASSIGN(order.filter, job_filter());
  }
  host::UniqueFd memory(::memfd_create("order", MFD_CLOEXEC));
  if (!memory) return base::fail(Error::from_errno(errno, "make the sandbox's plan"));
  PIPELINE_TRY(host::write_all(memory.get(), to_json(order)));
  ::lseek(memory.get(), 0, SEEK_SET);
  return memory;
}

class NobodyWatches final : public SandboxObserver {
 public:
  void command_started(std::uint32_t) override {}
  void command_finished(std::uint32_t, int) override {}
};

}  // namespace

struct RunningSandbox::Impl {
  host::Process helper;
  host::UniqueFd control;
  host::UniqueFd complaints;  // what the helper wrote to its standard error
  std::filesystem::path log_directory;
  bool waited = false;

  std::string last_words() const {
    ::lseek(complaints.get(), 0, SEEK_SET);
    auto text = host::read_all(complaints.get());
    if (!text || text->empty()) return "";
    return ": " + std::string(base::trim(*text));
  }

  void send(Request request) const {
    // Refused only when the helper is gone, and then there is nothing left to stop.
    (void)::send(control.get(), &request, sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  void follow(SandboxObserver& observer) const {
    for (;;) {
      Notice notice;
      const ssize_t got = ::recv(control.get(), &notice, sizeof notice, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got != static_cast<ssize_t>(sizeof notice)) return;
      if (notice.kind == Notice::Kind::command_started) observer.command_started(notice.index);
      if (notice.kind == Notice::Kind::command_finished) {
        observer.command_finished(notice.index, notice.exit_code);
      }
    }
  }
};

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
  PIPELINE_ASSIGN(const host::ExitStatus status, impl_->helper.wait());
  if (!status.success()) {
    return base::fail(ErrorKind::internal,
                      "the sandbox helper ended with " + status.to_string() + impl_->last_words());
  }
  PIPELINE_ASSIGN(const std::string text, host::read_file(impl_->log_directory / kResultName));
  return result_from_json(text);
}

Result<RunningSandbox> start(const SandboxPlan& plan, const std::filesystem::path& helper_program) {
  PIPELINE_ASSIGN(Control control, make_control());
  PIPELINE_ASSIGN(const host::UniqueFd order, make_order(plan));
  host::UniqueFd complaints(::memfd_create("complaints", MFD_CLOEXEC));
  std::error_code none_yet;
  std::filesystem::remove(plan.log_directory / kResultName, none_yet);

  auto helper = host::spawn({.program = std::filesystem::absolute(helper_program),
                             .env = std::map<std::string, std::string>{},
                             .directory = "/",
                             .descriptors = {{2, complaints.get()},
                                             {kControlFd, control.helpers.get()},
                                             {kOrderFd, order.get()}},
                             .session = host::ChildSession::own});
  if (!helper) return base::fail(std::move(helper).error().during("start the sandbox helper"));
  return RunningSandbox(std::make_unique<RunningSandbox::Impl>(
      RunningSandbox::Impl{.helper = std::move(*helper),
                           .control = std::move(control.ours),
                           .complaints = std::move(complaints),
                           .log_directory = plan.log_directory}));
}

}  // namespace pipeline::sandbox
