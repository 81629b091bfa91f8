// A small HTTP/1.1 server in this process, one thread a connection, that answers every request with
// its own name. What stands behind a traffic switch in tests.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "stages/host/unique_fd.h"

namespace pipeline::support {

class HttpBackend {
 public:
  // Listens on that loopback port at once; 0: a free one.
  explicit HttpBackend(std::string name, std::uint16_t port = 0);
  // Closes every connection, whatever it is doing.
  ~HttpBackend();
  HttpBackend(const HttpBackend&) = delete;
  HttpBackend& operator=(const HttpBackend&) = delete;

  std::uint16_t port() const { return port_; }
  std::uint64_t requests() const { return requests_.load(); }
  // The status of every answer from now on.
  void answer_with(int status) { status_ = status; }
  // Requests wait without an answer until release().
  void hold();
  void release();
  // Returns once `count` requests wait.
  void await_held(int count);

 private:
  void accept_connections();
  void serve(int fd);
  void wait_while_held();

  std::string name_;
  std::uint16_t port_ = 0;
  host::UniqueFd listener_;
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<int> status_{200};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool held_ = false;
  int waiting_ = 0;
  std::set<int> open_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace pipeline::support
