#include "stages/sandbox/helper/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace pipeline::sandbox::helper {

using base::Result;

namespace {

constexpr std::size_t kReadSize = std::size_t{256} << 10U;

}  // namespace

// The buffer is not cleared: a job that prints little never makes the kernel provide its pages.
Output::Output(const SandboxPlan& plan, host::UniqueFd pipe, log::LogWriter writer)
    : read_(std::move(pipe)),
      writer_(std::move(writer)),
      masker_(plan.masked),
      buffer_(std::make_unique_for_overwrite<char[]>(kReadSize)) {}

Result<Output> Output::create(const std::filesystem::path& directory, const SandboxPlan& plan,
                              host::UniqueFd pipe) {
  PIPELINE_ASSIGN(auto writer, log::LogWriter::create(directory, plan.limits.output));
  return Output(plan, std::move(pipe), std::move(writer));
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
