// Somebody who is told things over HTTP: a real server on the loopback that keeps what it is sent,
// and answers as it is told to.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/running_server/running_server.h"

namespace pipeline::support {

struct Received {
  std::string path;  // decoded, with its query as it came
  http::Fields fields;
  std::string body;

  std::string field(std::string_view name) const {
    return std::string(fields.find(name).value_or(""));
  }
};

class Receiver {
 public:
  Receiver();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  // The next answers, a status and a body each; after them it is 200 again.
  using Answer = std::pair<unsigned, std::string>;
  void answer_with(std::deque<Answer> answers);
  // What has come so far.
  std::vector<Received> received() const;

 private:
  http::Response take(const http::Request& request);

  http::ScriptedHandler handler_;
  mutable std::mutex mutex_;  // guards what follows
  std::deque<Answer> answers_;
  std::vector<Received> received_;
  http::RunningServer server_{handler_};  // last: it calls the handler
};

}  // namespace pipeline::support
