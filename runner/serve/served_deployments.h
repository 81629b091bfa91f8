// What people do to environments through a server: each deployment on a thread of its own, with
// services of its own.
//
// Order of calls: (begin | turn_back)* → leave(). Threads: safe from any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "pipelines/access/access.h"
#include "runner/cli/services.h"

namespace pipeline::serve {

class ServedDeployments {
 public:
  using MakeServices = std::function<std::unique_ptr<cli::Services>()>;
  // Returns when it is over; `number` is what turn_back() calls it by.
  using Work =
      std::function<void(cli::Services& services, std::uint64_t number, std::stop_token stop)>;

  explicit ServedDeployments(MakeServices make_services)
      : make_services_(std::move(make_services)) {}
  ~ServedDeployments() { leave(); }
  ServedDeployments(const ServedDeployments&) = delete;
  ServedDeployments& operator=(const ServedDeployments&) = delete;

  // ErrorKind::unavailable when the server is stopping, or has too many already.
  base::Result<> begin(access::Place place, Work work);
  // Where it is under way; none when it is not.
  std::optional<access::Place> place_of(std::uint64_t number);
  // False when it is not under way.
  bool turn_back(std::uint64_t number);
  // What is under way is turned back. Waits for all.
  void leave();

 private:
  struct UnderWay {
    std::uint64_t number = 0;
    access::Place place;
    bool is_over = false;
    std::jthread thread;
  };

  void reap();
  // Null when it is not under way.
  UnderWay* find(std::uint64_t number) const;

  const MakeServices make_services_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<UnderWay>> under_way_;
  std::uint64_t last_ = 0;
  bool is_leaving_ = false;
};

}  // namespace pipeline::serve
