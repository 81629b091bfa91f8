#include "stages/workspace/workspace.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>

#include "stages/host/file_owner.h"
#include "stages/host/job_user.h"
#include "stages/workspace/materialise.h"

namespace pipeline::workspace {

namespace fs = std::filesystem;

namespace {

constexpr const char* kJob = "job-";
constexpr const char* kKept = "kept-";

}  // namespace

class WorkspaceRoom::Remover {
 public:
  Remover() {
    // Signals are for the threads that expect them.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  ~Remover() {
    {
      const std::scoped_lock guard(mutex_);
      closing_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Remover(const Remover&) = delete;
  Remover& operator=(const Remover&) = delete;

  void remove(Workspace workspace) {
    {
      const std::scoped_lock guard(mutex_);
      waiting_.push_back(std::move(workspace));
    }
    changed_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      // Destroying one removes its files; the next may arrive meanwhile.
      std::deque<Workspace> batch;
      batch.swap(waiting_);
      lock.unlock();
      batch.clear();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Workspace> waiting_;
  bool closing_ = false;
  std::thread thread_;
};

namespace {

base::Result<> make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0755) != 0)
    return base::fail(base::Error::from_errno(errno, "make " + path.string()));
  return {};
}

}  // namespace

Leftovers Workspace::leftovers() const {
  return {.lower = layers_, .upper = upper(), .complete = mounted_.size() != layers_.size()};
}

base::Result<fs::path> Workspace::keep() {
  const fs::path& from = directory_.path();
  fs::path to =
      from.parent_path() / (kKept + from.filename().string().substr(std::string_view(kJob).size()));
  if (::rename(from.c_str(), to.c_str()) != 0)
    return base::fail(base::Error::from_errno(errno, "keep the workspace " + from.string()));
  directory_.release();
  return to;
}

WorkspaceRoom::WorkspaceRoom(fs::path directory)
    : directory_(std::move(directory)), remover_(std::make_unique<Remover>()) {
  sweep(directory_, kJob);
}

WorkspaceRoom::~WorkspaceRoom() = default;

base::Result<Workspace> WorkspaceRoom::make(const std::string& name, std::vector<fs::path> layers,
                                            Assembly assembly) const {
  PIPELINE_ASSIGN(auto directory, ScratchDirectory::make(directory_, kJob + name + "-"));
  PIPELINE_TRY(host::give_to_job_user(directory.path()));
  Workspace workspace(std::move(directory), std::move(layers));
  const host::ActAs as_job(host::job_user());
  PIPELINE_TRY(make_directory(workspace.upper()));
  PIPELINE_TRY(make_directory(workspace.scratch()));
  if (assembly == Assembly::overlay) {
    workspace.mounted_ = workspace.layers_;
    return workspace;
  }
  PIPELINE_TRY(materialise(workspace.layers_, workspace.upper()));
  return workspace;
}

void WorkspaceRoom::dispose(Workspace workspace) {
  remover_->remove(std::move(workspace));
}

}  // namespace pipeline::workspace
