// SIGINT, SIGTERM and SIGHUP as calls of a function, in a thread of its own, where anything may be
// done. While it lives these signals do nothing else, and a closed pipe is an error of write() and
// no signal.
//
// REQUIRES: made before any other thread, one at a time. Children started by stages/host get an
// empty mask.
#pragma once

#include <functional>
#include <thread>

#include "pipelines/base/result.h"
#include "stages/host/unique_fd.h"

namespace pipeline::cli {

class Interrupts {
 public:
  // `count` is 1 for the first signal, 2 for the second …
  using Handler = std::function<void(int count)>;

  // SIGHUP calls `on_hangup` instead, if there is one.
  static base::Result<std::unique_ptr<Interrupts>> watch(Handler handler,
                                                         std::function<void()> on_hangup = {});
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

 private:
  Interrupts(Handler handler, std::function<void()> on_hangup, host::UniqueFd signals,
             host::UniqueFd stop);
  void listen();

  Handler handler_;
  std::function<void()> on_hangup_;
  host::UniqueFd signals_;
  host::UniqueFd stop_;
  std::thread thread_;
};

}  // namespace pipeline::cli
