#include "stages/sandbox/helper/output.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;

namespace {

// The most an ordinary user may have by default; fewer, larger reads.
constexpr int kPipeSize = 1 << 20;
constexpr std::size_t kReadSize = std::size_t{256} << 10U;

}  // namespace

Result<Output> Output::create(const SandboxPlan& plan, unsigned owner) {
  PIPELINE_ASSIGN(auto writer, log::LogWriter::create(plan.log_directory, plan.limits.output));
  Output output(plan, std::move(writer));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::fail(Error::from_errno(errno, "make a pipe"));
  output.read_.reset(ends[0]);
  output.write_.reset(ends[1]);
  ::fcntl(ends[1], F_SETPIPE_SZ, kPipeSize);  // a smaller one works too
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (::geteuid() == 0 && ::fchown(ends[1], owner, owner) != 0) {
    return base::fail(Error::from_errno(errno, "give the output pipe to the job"));
  }
  // Not cleared: a job that prints little never makes the kernel provide these pages.
  output.buffer_ = std::make_unique_for_overwrite<char[]>(kReadSize);
  return output;
}

Result<> Output::take() {
  int left = 0;
  ::ioctl(read_.get(), FIONREAD, &left);
  do {
    const ssize_t got = ::read(read_.get(), buffer_.get(), kReadSize);
    if (got < 0 && errno == EINTR) continue;
    ended_ = got == 0;
    if (got <= 0) return {};  // nothing for now, or the end
    PIPELINE_TRY(store({buffer_.get(), static_cast<std::size_t>(got)}));
    left -= static_cast<int>(got);
  } while (left > 0);
  return {};
}

Result<> Output::store(std::string_view bytes) {
  if (masker_.has_nothing_to_hide()) return writer_.append(bytes, clock_.now());
  // The masker hands out many small pieces; they are written as one.
  masked_.clear();
  masker_.write(bytes, [this](std::string_view piece) { masked_ += piece; });
  return writer_.append(masked_, clock_.now());
}

Result<> Output::flush_masker() {
  masked_.clear();
  masker_.flush([this](std::string_view piece) { masked_ += piece; });
  return writer_.append(masked_, clock_.now());
}

Result<> Output::command_started(std::uint32_t index) {
  return writer_.command_started(index, clock_.now());
}

Result<> Output::command_finished(std::uint32_t index, int exit_code) {
  PIPELINE_TRY(take());
  PIPELINE_TRY(flush_masker());
  return writer_.command_finished(index, exit_code, clock_.now());
}

Result<> Output::finish() {
  PIPELINE_TRY(take());
  PIPELINE_TRY(flush_masker());
  return writer_.finish(clock_.now());
}

}  // namespace pipeline::sandbox::helper
