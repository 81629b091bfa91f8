#include "runner/store/fair_queue.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <set>

#include "pipelines/base/text.h"
#include "stages/host/file.h"

namespace pipeline::store {

namespace {

using base::Result;

constexpr const char* kDoor = "door";

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

// Numbers of all places, lowest first; the door and anything else is not a number.
std::set<std::uint64_t> places(const std::filesystem::path& directory) {
  std::set<std::uint64_t> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failed == std::errc() && end == name.data() + name.size()) numbers.insert(number);
  }
  return numbers;
}

Result<host::UniqueFd> open_door(const std::filesystem::path& directory) {
  for (;;) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    auto door = host::open_file(directory / kDoor, O_RDWR | O_CREAT);
    // Removed in between.
    if (!door && !error && door.error().kind() == base::ErrorKind::not_found) continue;
    return door;
  }
}

// Joining and clearing away happen one at a time: a place that was made but is not held yet must
// not look like a dead one's.
Result<host::UniqueFd> pass_door(const std::filesystem::path& directory) {
  for (;;) {
    PIPELINE_ASSIGN(host::UniqueFd door, open_door(directory));
    struct flock lock = whole_file(F_WRLCK);
    while (::fcntl(door.get(), F_OFD_SETLKW, &lock) != 0) {
      if (errno != EINTR) {
        return base::fail(base::Error::from_errno(errno, "queue in " + directory.string()));
      }
    }
    struct stat about {};
    const bool is_there = ::fstat(door.get(), &about) == 0 && about.st_nlink > 0;
    if (is_there) return door;  // else the queue was removed while we stood before its door
  }
}

// Its holder's words; none when nobody holds it.
std::optional<std::string> holder_of(const std::filesystem::path& place) {
  const auto file = host::open_file(place, O_RDONLY);
  if (!file) return std::nullopt;
  // A read-only descriptor may only ask with the kind of lock that it could take; ours is
  // exclusive.
  struct flock lock = whole_file(F_RDLCK);
  if (::fcntl(file->get(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
  const auto text = host::read_all(file->get());
  return text ? std::string(base::trim(*text)) : "another process";
}

}  // namespace

Result<std::unique_ptr<FairQueue>> FairQueue::join(const std::filesystem::path& directory,
                                                   const std::string& holder) {
  PIPELINE_ASSIGN(const host::UniqueFd door, pass_door(directory));
  const auto taken = places(directory);
  const std::uint64_t number = taken.empty() ? 1 : *taken.rbegin() + 1;
  PIPELINE_ASSIGN(host::UniqueFd file,
                  host::open_file(directory / std::to_string(number), O_RDWR | O_CREAT | O_EXCL));
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(file.get(), F_OFD_SETLK, &lock) != 0) {
    return base::fail(base::Error::from_errno(errno, "queue in " + directory.string()));
  }
  const std::string words = holder.empty() ? "pid " + std::to_string(::getpid()) : holder;
  PIPELINE_TRY(host::write_all(file.get(), words + "\n"));
  return std::unique_ptr<FairQueue>(new FairQueue(directory, number, std::move(file)));
}

FairQueue::~FairQueue() {
  std::error_code error;
  std::filesystem::remove(directory_ / std::to_string(number_), error);
}

Result<std::optional<std::string>> FairQueue::first_before_us() const {
  PIPELINE_ASSIGN(const host::UniqueFd door, pass_door(directory_));
  for (const std::uint64_t number : places(directory_)) {
    if (number >= number_) break;
    const auto place = directory_ / std::to_string(number);
    if (auto holder = holder_of(place)) return holder;
    std::error_code error;
    std::filesystem::remove(place, error);
  }
  return std::nullopt;
}

Result<FairQueue::Others> FairQueue::look(const Say& say) const {
  PIPELINE_ASSIGN(const host::UniqueFd door, pass_door(directory_));
  Others others;
  for (const std::uint64_t number : places(directory_)) {
    if (number == number_) continue;
    const auto place = directory_ / std::to_string(number);
    if (auto holder = holder_of(place)) {
      (number < number_ ? others.before : others.behind).push_back(*std::move(holder));
    } else {
      std::error_code error;
      std::filesystem::remove(place, error);
    }
  }
  const auto words = say ? say(others) : std::nullopt;
  if (!words) return others;
  if (::ftruncate(file_.get(), 0) != 0 || ::lseek(file_.get(), 0, SEEK_SET) != 0) {
    return base::fail(base::Error::from_errno(errno, "queue in " + directory_.string()));
  }
  PIPELINE_TRY(host::write_all(file_.get(), *words + "\n"));
  return others;
}

void FairQueue::remove_empty(const std::filesystem::path& directory) {
  const auto door = pass_door(directory);
  if (!door) return;
  const auto all = places(directory);
  for (const std::uint64_t number : all) {
    if (holder_of(directory / std::to_string(number))) return;
  }
  // Not whatever is in the directory by then: once the door is gone, somebody may make a new one
  // and come in.
  std::error_code error;
  for (const std::uint64_t number : all) {
    std::filesystem::remove(directory / std::to_string(number), error);
  }
  std::filesystem::remove(directory / kDoor, error);
  ::rmdir(directory.c_str());
}

Result<std::optional<std::string>> FairQueue::first(const std::filesystem::path& directory) {
  for (const std::uint64_t number : places(directory)) {
    if (auto holder = holder_of(directory / std::to_string(number))) return holder;
  }
  return std::nullopt;
}

}  // namespace pipeline::store
