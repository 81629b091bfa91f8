#include "runner/store/fair_queue.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <set>

#include "pipelines/base/text.h"
#include "stages/host/file.h"

namespace pipeline::store {

namespace {

using base::Result;

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

// Joining and clearing away happen one at a time: a place that was made but is not held yet must
// not look like a dead one's.
Result<host::UniqueFd> pass_door(const std::filesystem::path& directory) {
  PIPELINE_ASSIGN(host::UniqueFd door, host::open_file(directory / "door", O_RDWR | O_CREAT));
  struct flock lock = whole_file(F_WRLCK);
  while (::fcntl(door.get(), F_OFD_SETLKW, &lock) != 0) {
    if (errno != EINTR) {
      return base::fail(base::Error::from_errno(errno, "queue in " + directory.string()));
    }
  }
  return door;
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
  std::error_code error;
  std::filesystem::create_directories(directory, error);
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

Result<std::optional<std::string>> FairQueue::first(const std::filesystem::path& directory) {
  for (const std::uint64_t number : places(directory)) {
    if (auto holder = holder_of(directory / std::to_string(number))) return holder;
  }
  return std::nullopt;
}

}  // namespace pipeline::store
