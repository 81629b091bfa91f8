#include "tests/support/http/http_load.h"

#include "tests/support/http/tcp.h"

namespace pipeline::support {

namespace {

// One request on a connection that may have been closed meanwhile.
class Client {
 public:
  explicit Client(const HttpLoad::Options& options) : options_(options) {}

  // Empty on success, with the body in `answer`; else why it failed.
  std::string get(bool keep, std::string& answer) {
    const bool reused = static_cast<bool>(fd_);
    std::string failure = attempt(keep, answer);
    // No byte of an answer on a reused connection: the server had closed it, which is its right.
    if (!failure.empty() && reused && buffer_.empty()) failure = attempt(keep, answer);
    return failure;
  }

 private:
  std::string attempt(bool keep, std::string& answer) {
    if (!fd_) {
      buffer_.clear();
      fd_ = connect_to(options_.host, options_.port);
      if (!fd_) return "connection refused";
    }
    const std::string request = "GET " + options_.path + " HTTP/1.1\r\nHost: localhost\r\n" +
                                (keep ? "" : "Connection: close\r\n") + "\r\n";
    HttpMessage message;
    if (!send_all(fd_.get(), request) || !read_message(fd_.get(), buffer_, message)) {
      fd_.reset();
      return "connection closed without a whole answer";
    }
    answer = message.body;
    if (!keep || message.head.find("onnection: close") != std::string::npos) fd_.reset();
    const std::string status = message.head.substr(0, message.head.find("\r\n"));
    const bool good = status.size() > 9 && (status[9] == '2' || status[9] == '3');
    return good ? "" : status;
  }

  const HttpLoad::Options& options_;
  host::UniqueFd fd_;
  std::string buffer_;
};

}  // namespace

HttpLoad::HttpLoad(Options options) : options_(std::move(options)) {
  for (int i = 0; i < options_.workers; ++i) {
    const auto connections = i % 2 == 0 ? Connections::kept : Connections::one_a_request;
    workers_.emplace_back(
        [this, connections](const std::stop_token& stop) { work(stop, connections); });
  }
}

HttpLoad::~HttpLoad() {
  stop();
}

void HttpLoad::work(const std::stop_token& stop, Connections connections) {
  Client client(options_);
  while (!stop.stop_requested()) {
    std::string answer;
    const auto failure = client.get(connections == Connections::kept, answer);
    record(answer, failure);
    if (options_.pause.count() > 0) std::this_thread::sleep_for(options_.pause);
  }
}

void HttpLoad::record(const std::string& answer, const std::string& failure) {
  const std::lock_guard lock(mutex_);
  ++result_.requests;
  if (failure.empty()) {
    ++result_.by_answer[answer];
    return;
  }
  ++result_.failed;
  if (result_.first_failure.empty()) result_.first_failure = failure;
}

LoadResult HttpLoad::stop() {
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();  // joins
  return so_far();
}

LoadResult HttpLoad::so_far() const {
  const std::lock_guard lock(mutex_);
  return result_;
}

void HttpLoad::await_requests(std::uint64_t count) const {
  const std::uint64_t goal = so_far().requests + count;
  while (so_far().requests < goal) std::this_thread::yield();
}

}  // namespace pipeline::support
