#include "runner/cli/log_tail.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "stages/log/tail.h"

namespace pipeline::cli {

namespace {

// Twenty lines of any sane length; of one that is longer, its end.
constexpr std::uint64_t kWindow = std::uint64_t{64} << 10U;

std::string_view as_seen(std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  const auto overwritten = line.rfind('\r');
  return overwritten == std::string_view::npos ? line : line.substr(overwritten + 1);
}

}  // namespace

std::vector<std::string> last_lines(std::string_view output, std::size_t count) {
  if (output.ends_with('\n')) output.remove_suffix(1);
  std::vector<std::string> lines;
  while (!output.empty() && lines.size() < count) {
    const auto newline = output.rfind('\n');
    const bool is_first = newline == std::string_view::npos;
    lines.push_back(base::printable(as_seen(is_first ? output : output.substr(newline + 1))));
    output = is_first ? std::string_view() : output.substr(0, newline);
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

render::LogTail log_tail_of(RunReader& runs, run::RunId id) {
  return [&runs, id](const std::string& job, std::uint32_t attempt, std::size_t count) {
    const auto log = runs.open_log({.run = id, .job = job, .attempt = attempt}, std::nullopt);
    if (!log) return std::vector<std::string>();
    const auto output = log::last_output(**log, count, kWindow);
    return output ? last_lines(*output, count) : std::vector<std::string>();
  };
}

}  // namespace pipeline::cli
