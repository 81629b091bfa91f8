#include "agents/worker/thread_pool.h"

#include <utility>

namespace pipeline::worker {

ThreadPool::~ThreadPool() {
  {
    const std::scoped_lock guard(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::run(std::function<void()> task) {
  {
    const std::scoped_lock guard(mutex_);
    waiting_.push_back(std::move(task));
    if (waiting_.size() > idle_) threads_.emplace_back([this] { serve(); });
  }
  changed_.notify_one();
}

void ThreadPool::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    const std::function<void()> task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace pipeline::worker
