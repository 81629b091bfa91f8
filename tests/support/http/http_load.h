// A constant request load on one IPv4 address, and an exact account of what became of it: how a
// test, and the demo, prove that a switch of releases costs no request.
//
// Half of the workers keep their connection alive, half open a new one for each request. A failure
// is anything but a whole answer with a 2xx or 3xx status; a keep-alive connection that the server
// closed between two requests is no failure, as for any HTTP client: the request is sent again on a
// new one, once.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "pipelines/base/clock.h"

namespace pipeline::support {

struct LoadResult {
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  std::string first_failure;                       // empty: none
  std::map<std::string, std::uint64_t> by_answer;  // body → requests it answered
};

class HttpLoad {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::string path = "/";
    int workers = 4;
    base::Duration pause{0};  // between two requests of one worker
  };

  // Starts at once.
  explicit HttpLoad(Options options);
  ~HttpLoad();
  // Ends the load after the requests under way.
  LoadResult stop();
  LoadResult so_far() const;
  // Returns once `count` more requests than now have been made.
  void await_requests(std::uint64_t count) const;

 private:
  enum class Connections { kept, one_a_request };
  void work(const std::stop_token& stop, Connections connections);
  void record(const std::string& answer, const std::string& failure);

  Options options_;
  mutable std::mutex mutex_;
  LoadResult result_;
  std::vector<std::jthread> workers_;
};

}  // namespace pipeline::support
