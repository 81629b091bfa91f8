#include <filesystem>

#include "pipelines/base/text.h"
#include "stages/host/job_user.h"
#include "stages/log/tail.h"
#include "stages/sandbox/helper/output_pipe.h"
#include "stages/sandbox/helper/services.h"

namespace pipeline::sandbox::helper {

using base::Result;

namespace {

// What a reason quotes: it is stored with the run's events.
constexpr std::uint64_t kLastLines = 10;
constexpr std::uint64_t kMostBytes = 2048;

}  // namespace

Result<host::UniqueFd> Services::start_next() {
  const auto directory =
      log::service_log(plan_.log_directory, plan_.services[services_.size()].name);
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return base::fail(base::Error::from_errno(error.value(), "make " + directory.string()));
  }
  PIPELINE_ASSIGN(OutputPipe pipe, make_output_pipe(host::job_user()));
  PIPELINE_ASSIGN(Output output, Output::create(directory, plan_, std::move(pipe.read)));
  services_.push_back({.output = std::move(output)});
  awaited_ = true;
  started_at_ = std::chrono::steady_clock::now();
  return std::move(pipe.write);
}

std::optional<SteadyTime> Services::ready_by() const {
  if (!awaited_) return std::nullopt;
  const auto& ready = plan_.services[services_.size() - 1].ready;
  if (!ready) return std::nullopt;
  return started_at_ + ready->timeout;
}

bool Services::ready(std::uint32_t index) {
  if (!awaited_ || index + 1 != services_.size()) return false;
  awaited_ = false;
  return true;
}

bool Services::ended(std::uint32_t index) {
  return index < services_.size() && std::exchange(services_[index].runs, false);
}

std::optional<std::uint32_t> Services::last_running() const {
  for (std::uint32_t index = started(); index-- > 0;) {
    if (services_[index].runs) return index;
  }
  return std::nullopt;
}

void Services::watch(std::vector<pollfd>& watched) const {
  for (const Service& service : services_) {
    const bool ended = service.output.ended();
    watched.push_back({ended ? -1 : service.output.readable(), POLLIN, 0});
  }
}

Result<> Services::take(const pollfd* watched) {
  for (std::size_t i = 0; i < services_.size(); ++i) {
    if (watched[i].revents != 0) PIPELINE_TRY(services_[i].output.take());
  }
  return {};
}

Result<> Services::finish() {
  for (Service& service : services_) PIPELINE_TRY(service.output.finish());
  return {};
}

std::string Services::last_lines(std::uint32_t index) const {
  const auto directory = log::service_log(plan_.log_directory, name(index));
  const auto output = log::last_output(directory, kLastLines, kMostBytes);
  const std::string lines(base::trim(output.value_or("")));
  return lines.empty() ? lines : ":\n" + lines;
}

}  // namespace pipeline::sandbox::helper
