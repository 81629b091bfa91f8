#include "runner/store/decision_box.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include "pipelines/base/text.h"
#include "stages/host/file.h"
#include "stages/host/unique_fd.h"

namespace pipeline::store {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;
using std::chrono::steady_clock;

namespace {

constexpr std::string_view kApproved = "approved";
constexpr std::string_view kRejected = "rejected";

// Wakes a poll when a file appears in a directory, or when a stop is requested.
class Watch {
 public:
  static Result<std::unique_ptr<Watch>> on(const fs::path& directory, const std::stop_token& stop) {
    host::UniqueFd files(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    host::UniqueFd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!files || !stopped ||
        ::inotify_add_watch(files.get(), directory.c_str(), IN_MOVED_TO | IN_CREATE) < 0) {
      return base::fail(base::Error::from_errno(errno, "watch " + directory.string()));
    }
    return std::unique_ptr<Watch>(new Watch(std::move(files), std::move(stopped), stop));
  }

  void wait(base::Duration patience) const {
    std::array<pollfd, 2> waited{pollfd{.fd = files_.get(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = stopped_.get(), .events = POLLIN, .revents = 0}};
    const auto most = std::chrono::hours(24);
    const auto timeout = std::min<base::Duration>(patience, most);
    ::poll(waited.data(), waited.size(), static_cast<int>(timeout.count()));
    std::array<char, 4096> events{};
    while (::read(files_.get(), events.data(), events.size()) > 0) {
    }
  }

 private:
  struct Wake {
    int fd;
    void operator()() const {
      const std::uint64_t one = 1;
      (void)!::write(fd, &one, sizeof one);
    }
  };

  Watch(host::UniqueFd files, host::UniqueFd stopped, const std::stop_token& stop)
      : files_(std::move(files)),
        stopped_(std::move(stopped)),
        on_stop_(stop, Wake{stopped_.get()}) {}

  host::UniqueFd files_;
  host::UniqueFd stopped_;
  std::stop_callback<Wake> on_stop_;
};

Result<std::optional<StoredDecision>> take(const fs::path& file) {
  auto text = host::read_file(file);
  if (!text) {
    if (text.error().kind() == ErrorKind::not_found) return std::nullopt;
    return base::fail(std::move(text).error());
  }
  auto decision = decision_from(*text);
  if (!decision) return base::during(std::move(decision), "read " + file.string());
  // Before it has had an effect: a crash in between asks again, and never decides twice.
  std::error_code error;
  fs::remove(file, error);
  if (error) return base::fail(base::Error::from_errno(error.value(), "take " + file.string()));
  return *std::move(decision);
}

}  // namespace

std::string to_text(const StoredDecision& decision) {
  return std::string(decision.approved ? kApproved : kRejected) + "\n" + decision.by + "\n" +
         decision.tree + (decision.subject.empty() ? "" : " " + decision.subject) + "\n" +
         decision.comment + "\n";
}

Result<StoredDecision> decision_from(std::string_view text) {
  const std::vector<std::string> lines = base::split(text, '\n');
  if (lines.size() < 5 || (lines[0] != kApproved && lines[0] != kRejected)) {
    return base::fail(ErrorKind::corrupt, "this is no decision");
  }
  const std::vector<std::string> comment(lines.begin() + 3, lines.end() - 1);
  const auto blank = std::min(lines[2].find(' '), lines[2].size());
  return StoredDecision{.approved = lines[0] == kApproved,
                        .by = lines[1],
                        .comment = base::join(comment, "\n"),
                        .tree = lines[2].substr(0, blank),
                        .subject = lines[2].substr(std::min(blank + 1, lines[2].size()))};
}

Result<> put_decision(const Paths& paths, run::RunId run, const std::string& job,
                      const StoredDecision& decision) {
  const fs::path file = paths.decision(run, job);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) {
    return base::fail(
        base::Error::from_errno(error.value(), "make " + file.parent_path().string()));
  }
  return host::write_file(file, to_text(decision));
}

Result<std::optional<StoredDecision>> await_decision(const Paths& paths, run::RunId run,
                                                     const std::string& job,
                                                     base::Duration patience,
                                                     const std::stop_token& stop) {
  const fs::path file = paths.decision(run, job);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  PIPELINE_ASSIGN(const auto watch, Watch::on(file.parent_path(), stop));
  const auto end = steady_clock::now() + patience;
  for (;;) {
    PIPELINE_ASSIGN(auto decision, take(file));
    if (decision) return decision;
    const auto left = std::chrono::ceil<base::Duration>(end - steady_clock::now());
    if (stop.stop_requested() || left <= base::Duration{0}) return std::nullopt;
    watch->wait(left);
  }
}

}  // namespace pipeline::store
