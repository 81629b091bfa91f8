// How an attempt is asked to end before its time: the first wish counts, whichever thread it comes
// from.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "pipelines/run/outcome.h"

namespace pipeline::worker {

struct Wish {
  run::JobStatus as = run::JobStatus::cancelled;
  std::string reason;
};

class FirstWish {
 public:
  void make(run::JobStatus as, const std::string& reason) {
    const std::scoped_lock guard(mutex_);
    if (!wish_) wish_ = Wish{as, reason};
  }
  std::optional<Wish> get() const {
    const std::scoped_lock guard(mutex_);
    return wish_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Wish> wish_;
};

}  // namespace pipeline::worker
