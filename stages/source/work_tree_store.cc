#include "stages/source/work_tree_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "stages/host/boot.h"
#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "stages/host/remove.h"
#include "stages/host/tree_size.h"
#include "stages/source/location.h"
#include "stages/source/tree_writer.h"

namespace pipeline::source {

namespace fs = std::filesystem;
using host::UniqueFd;

namespace {

constexpr std::string_view kMaking = ".making-";
// Of how many repositories a process keeps hold of a tree. Each is one that cannot be taken away.
constexpr std::size_t kLastUsed = 4;

enum class Wait { no, yes };

bool lock_file(int fd, int operation, Wait wait) {
  while (::flock(fd, operation | (wait == Wait::no ? LOCK_NB : 0)) != 0)
    if (errno != EINTR) return false;
  return true;
}

// The directory is there, and was made since this machine came up.
bool is_complete(const fs::path& directory, int lock) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) return false;
  const std::string& boot = host::boot_id();
  std::string made(boot.size(), '\0');
  return ::pread(lock, made.data(), made.size(), 0) == static_cast<ssize_t>(made.size()) &&
         made == boot;
}

base::Result<> mark_complete(int lock) {
  const std::string& boot = host::boot_id();
  if (::ftruncate(lock, 0) != 0 ||
      ::pwrite(lock, boot.data(), boot.size(), 0) != static_cast<ssize_t>(boot.size()))
    return base::fail(base::Error::from_errno(errno, "write the work tree's lock file"));
  return {};
}

base::Result<> rename_to(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  return base::fail(base::Error::from_errno(errno, "rename " + from.string()));
}

}  // namespace

// Where a tree comes to be, and what it starts from.
struct WorkTreeStore::Making {
  fs::path directory{};
  std::optional<TreeBase> base;
  UniqueFd base_lock;
  UniqueFd link_from;
};

base::Result<WorkTree> WorkTreeStore::acquire(const std::string& repository,
                                              const std::string& tree) {
  Mirror(mirrors_, repository).mark_used();
  host::touch(lock_of(tree));
  {
    const std::scoped_lock guard(mutex_);
    if (auto alive = held_[tree].lock()) return WorkTree(path_of(tree), std::move(alive));
    let_go_of(repository);  // unless a job uses it, it may now become the wanted one
  }
  PIPELINE_TRY(parse_id(tree));
  auto fd = hold(repository, tree);
  if (!fd) return base::during(std::move(fd), "make the work tree " + tree.substr(0, 12));
  auto shared = std::make_shared<const UniqueFd>(*std::move(fd));
  const std::scoped_lock guard(mutex_);
  std::erase_if(held_, [](const auto& entry) { return entry.second.expired(); });
  held_[tree] = shared;
  let_go_of(repository);
  last_.push_back({repository, shared});
  if (last_.size() > kLastUsed) last_.pop_front();
  return WorkTree(path_of(tree), std::move(shared));
}

void WorkTreeStore::let_go_of(const std::string& repository) {
  std::erase_if(last_, [&](const LastUsed& used) { return used.repository == repository; });
}

fs::path WorkTreeStore::making_of(const std::string& tree) const {
  return trees_ / (std::string(kMaking) + tree);
}

std::vector<std::string> WorkTreeStore::all() const {
  std::vector<std::string> trees;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(trees_, error)) {
    std::string name = entry.path().filename().string();
    if (parse_id(name)) trees.push_back(std::move(name));
  }
  return trees;
}

std::optional<base::TimePoint> WorkTreeStore::used_at(const std::string& tree) const {
  std::error_code error;
  if (!fs::is_directory(path_of(tree), error)) return std::nullopt;
  return host::touched(lock_of(tree));
}

std::uint64_t WorkTreeStore::size_of(const std::string& tree) const {
  return host::tree_size(path_of(tree));
}

// Half removed, it looks like one that is half-made: whoever makes the next one takes it away.
base::Result<> WorkTreeStore::remove(const std::string& tree) const {
  PIPELINE_ASSIGN(const UniqueFd lock, open_lock(tree));
  if (!lock_file(lock.get(), LOCK_EX, Wait::no))
    return base::fail(base::ErrorKind::conflict, "the work tree " + tree + " is used");
  if (!used_at(tree)) return {};
  const fs::path making = making_of(tree);
  PIPELINE_TRY(host::remove_all(making));
  PIPELINE_TRY(rename_to(path_of(tree), making));
  return host::remove_all(making);
}

base::Result<> WorkTreeStore::prepare_directory() const {
  struct stat status {};
  if (::stat(trees_.c_str(), &status) == 0) return {};
  std::error_code error;
  fs::create_directories(trees_, error);
  if (error) return base::fail(base::Error::from_errno(error.value(), "make " + trees_.string()));
  return {};
}

base::Result<UniqueFd> WorkTreeStore::open_lock(const std::string& tree) const {
  return host::open_file(lock_of(tree), O_RDWR | O_CREAT, 0600);
}

base::Result<UniqueFd> WorkTreeStore::hold(const std::string& repository, const std::string& tree) {
  PIPELINE_TRY(prepare_directory());
  PIPELINE_ASSIGN(UniqueFd lock, open_lock(tree));
  // Changing one kind of lock into the other lets others in between, who may make the tree or move
  // it on; so look again. Each of them makes progress, so a few rounds are plenty.
  for (int round = 0; round < 1000; ++round) {
    if (!lock_file(lock.get(), LOCK_SH, Wait::yes)) break;
    if (is_complete(path_of(tree), lock.get())) return lock;
    // Never wait for the exclusive lock: whoever made the tree meanwhile may keep using it for as
    // long as our own process lives. Waiting for a maker is done by the shared lock above.
    if (!lock_file(lock.get(), LOCK_EX, Wait::no)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    if (!is_complete(path_of(tree), lock.get())) PIPELINE_TRY(make(repository, tree, lock.get()));
  }
  return base::fail(base::ErrorKind::conflict, "other processes keep taking it away");
}

base::Result<> WorkTreeStore::make(const std::string& repository, const std::string& tree,
                                   int lock) {
  const Mirror mirror(mirrors_, repository);
  PIPELINE_ASSIGN(const Repository objects, mirror.open_objects());
  PIPELINE_ASSIGN(const git_oid id, parse_id(tree));
  Making making;
  making.directory = making_of(tree);
  remove_rubbish(tree);
  PIPELINE_TRY(host::remove_all(path_of(tree)));  // of an earlier boot

  const fs::path latest = trees_ / (mirror.directory().filename().string() + ".latest");
  const std::string base = host::read_file(latest).value_or("");
  if (const auto base_id = parse_id(base); base_id && base != tree) {
    PIPELINE_ASSIGN(making.base_lock, open_lock(base));
    PIPELINE_TRY(start_from(base, *base_id, making));
  }
  auto filled = fill(*objects, id, making);
  if (!filled && making.base && is_missing_object(filled.error())) {
    // What it starts from may be pruned while all of the wanted tree is there.
    making.base.reset();
    PIPELINE_TRY(host::remove_all(making.directory));
    filled = fill(*objects, id, making);
  }
  if (!filled) {
    static_cast<void>(host::remove_all(making.directory));
    return base::fail(mirror.explain(std::move(filled).error()));
  }
  PIPELINE_TRY(mark_complete(lock));
  PIPELINE_TRY(rename_to(making.directory, path_of(tree)));
  return host::write_file(latest, tree, host::Durability::cached);
}

// What killed makers left: half-made trees whose lock nobody holds, and our own.
void WorkTreeStore::remove_rubbish(const std::string& ours) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(trees_, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kMaking)) continue;
    const std::string tree = name.substr(kMaking.size());
    const auto lock = open_lock(tree);
    if (tree == ours || (lock && lock_file(lock->get(), LOCK_EX, Wait::no)))
      static_cast<void>(host::remove_all(entry.path()));
  }
}

base::Result<> WorkTreeStore::start_from(const std::string& base, const git_oid& id,
                                         Making& making) const {
  const fs::path directory = path_of(base);
  const int lock = making.base_lock.get();
  if (lock_file(lock, LOCK_EX, Wait::no)) {
    if (!is_complete(directory, lock)) return {};
    PIPELINE_TRY(rename_to(directory, making.directory));
    making.base = TreeBase{.tree = id};
  } else if (lock_file(lock, LOCK_SH, Wait::no) && is_complete(directory, lock)) {
    PIPELINE_ASSIGN(making.link_from, host::open_file(directory, O_RDONLY | O_DIRECTORY));
    making.base = TreeBase{.tree = id, .link_from = making.link_from.get()};
  } else {
    making.base_lock.reset();  // or we would be in the way of whoever makes that one
  }
  return {};
}

base::Result<> WorkTreeStore::fill(git_repository& objects, const git_oid& id,
                                   const Making& making) {
  if (::mkdir(making.directory.c_str(), 0755) != 0 && errno != EEXIST)
    return base::fail(base::Error::from_errno(errno, "make " + making.directory.string()));
  PIPELINE_TRY(host::give_to_job_user(making.directory));
  PIPELINE_ASSIGN(const UniqueFd fd, host::open_file(making.directory, O_RDONLY | O_DIRECTORY));
  return write_tree(objects, id, making.base, fd.get());
}

}  // namespace pipeline::source
