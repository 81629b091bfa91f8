#include "agents/agent/shipper.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "agents/link/report_file.h"
#include "stages/host/file.h"
#include "stages/log/format.h"

namespace pipeline::agent {

namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr std::size_t kPiece = std::size_t{1} << 20U;

// What only grows; other files may be replaced, or go, as long as the job runs.
bool only_grows(const std::string& file) {
  const std::string name = fs::path(file).filename();
  return name == log::kLogName || name == log::kIndexName;
}

// Regular files below the directory; a log before its index, which speaks of it.
std::set<std::string> files_in(const fs::path& directory) {
  std::set<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; entry != end && !error;
       entry.increment(error)) {
    if (entry->is_regular_file(error) && !entry->is_symlink(error))
      files.insert(entry->path().lexically_relative(directory).string());
  }
  return files;
}

Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t count) {
  std::string bytes(count, '\0');
  const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (got < 0) return base::fail(base::Error::from_errno(errno, "read a file of the job"));
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

}  // namespace

Result<> Shipper::ship(ServerPort& server) {
  PIPELINE_TRY(look_for_end());
  PIPELINE_TRY(ship_all(server, false));
  return ship_file(server, link::report_file_of(logs_).filename(), looked_until_);
}

Result<> Shipper::finish(ServerPort& server) {
  PIPELINE_TRY(ship_all(server, true));
  return ship_file(server, link::report_file_of(logs_).filename());
}

Result<> Shipper::write_end(const run::JobFinished& finished, const base::Clock& clock) {
  const fs::path reports = link::report_file_of(logs_);
  if (end_ && ::truncate(reports.c_str(), static_cast<off_t>(looked_until_)) != 0)
    return base::fail(base::Error::from_errno(errno, "take back the end of a job"));
  PIPELINE_ASSIGN(link::ReportWriter writer, link::ReportWriter::open(logs_));
  PIPELINE_TRY(writer.append(finished, clock.now()));
  end_ = finished;
  return {};
}

Result<> Shipper::ship_all(ServerPort& server, bool also_what_moves) {
  const std::string reports = link::report_file_of(logs_).filename();
  for (const std::string& file : files_in(logs_)) {
    if (file == reports || (!also_what_moves && !only_grows(file))) continue;
    PIPELINE_TRY(ship_file(server, file));
  }
  return {};
}

Result<> Shipper::ship_file(ServerPort& server, const std::string& file,
                            std::optional<std::uint64_t> until) {
  const auto open = host::open_file(logs_ / file, O_RDONLY | O_NOFOLLOW);
  if (!open && open.error().kind() == base::ErrorKind::not_found) return {};
  if (!open) return base::fail(open.error());
  // What an earlier agent brought, the server knows.
  if (!there_.contains(file)) {
    PIPELINE_ASSIGN(there_[file], server.append(word_, file, 0, ""));
  }
  std::uint64_t& there = there_[file];
  while (!until || there < *until) {
    const std::size_t most =
        until ? static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, *until - there)) : kPiece;
    PIPELINE_ASSIGN(const std::string bytes, read_at(open->get(), there, most));
    if (bytes.empty()) break;
    PIPELINE_ASSIGN(const std::uint64_t size, server.append(word_, file, there, bytes));
    if (size <= there)
      return base::fail(base::ErrorKind::internal, "the server takes nothing of " + file);
    there = size;
  }
  return {};
}

Result<> Shipper::look_for_end() {
  if (end_) return {};
  const auto open = host::open_file(link::report_file_of(logs_), O_RDONLY);
  if (!open && open.error().kind() == base::ErrorKind::not_found) return {};
  if (!open) return base::fail(open.error());
  std::string rest;
  for (std::uint64_t offset = looked_until_;;) {
    PIPELINE_ASSIGN(const std::string bytes, read_at(open->get(), offset, kPiece));
    if (bytes.empty()) return {};
    offset += bytes.size();
    rest += bytes;
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      std::string line = rest.substr(0, end + 1);
      rest.erase(0, end + 1);
      const std::size_t size = line.size();
      const std::vector<run::Event> reports = link::take_reports(line);
      if (const auto* finished = link::end_among(reports)) {
        end_ = *finished;
        return {};
      }
      looked_until_ += size;
    }
  }
}

}  // namespace pipeline::agent
