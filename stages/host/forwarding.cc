#include "stages/host/forwarding.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <list>
#include <string>
#include <vector>

namespace pipeline::host {

namespace {

constexpr std::size_t kBuffer = std::size_t{64} << 10U;
constexpr int kPauseMs = 100;  // before descriptors are asked for again

bool is_passing(int error) {
  return error == EAGAIN || error == EINTR;
}

// One direction of a connection.
class Flow {
 public:
  Flow(int from, int to) : from_(from), to_(to) {}

  bool wants_to_read() const { return !ended_ && held_.size() < kBuffer; }
  bool wants_to_write() const { return !held_.empty(); }
  bool is_over() const { return ended_ && held_.empty(); }

  // False when the connection broke.
  bool read() {
    const std::size_t had = held_.size();
    held_.resize(kBuffer);
    const ssize_t got = ::recv(from_, held_.data() + had, kBuffer - had, MSG_DONTWAIT);
    const int error = errno;
    held_.resize(had + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0) return is_passing(error);
    if (got == 0) ended_ = true;
    return got > 0 || pass_on_the_end();
  }
  bool write() {
    const ssize_t put = ::send(to_, held_.data(), held_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0) return is_passing(errno);
    held_.erase(0, static_cast<std::size_t>(put));
    return pass_on_the_end();
  }

 private:
  bool pass_on_the_end() const { return !is_over() || ::shutdown(to_, SHUT_WR) == 0; }

  int from_;
  int to_;
  std::string held_;
  bool ended_ = false;
};

class Connection {
 public:
  Connection(UniqueFd left, UniqueFd right)
      : left_(std::move(left)),
        right_(std::move(right)),
        there_(left_.get(), right_.get()),
        back_(right_.get(), left_.get()) {}

  pollfd left() const { return watched(left_.get(), there_, back_); }
  pollfd right() const { return watched(right_.get(), back_, there_); }

  // False when it is over, or broke.
  bool move(short left, short right) {
    return serve(left, there_, back_) && serve(right, back_, there_) &&
           !(there_.is_over() && back_.is_over());
  }

 private:
  static pollfd watched(int fd, const Flow& out, const Flow& in) {
    const int events = (out.wants_to_read() ? POLLIN : 0) | (in.wants_to_write() ? POLLOUT : 0);
    // Passed over by poll, which would report a hang-up for ever while nothing can be done.
    if (events == 0) return {-1, 0, 0};
    return {fd, static_cast<short>(events), 0};
  }
  // A hang-up or an error shows in the attempt.
  static bool serve(short events, Flow& out, Flow& in) {
    if (events == 0) return true;
    if (in.wants_to_write() && !in.write()) return false;
    return !out.wants_to_read() || out.read();
  }

  UniqueFd left_;
  UniqueFd right_;
  Flow there_;
  Flow back_;
};

// False when there was no descriptor for it, or the like.
bool accept_one(int listener, const ConnectOn& connect_on, std::list<Connection>& connections) {
  UniqueFd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!client) return is_passing(errno) || errno == ECONNABORTED;
  auto way_out = connect_on();
  // Closing the client's connection at once is what it would see of a refused one.
  if (way_out) connections.emplace_back(std::move(client), *std::move(way_out));
  return true;
}

}  // namespace

void forward_connections(int listener, const ConnectOn& connect_on, int until) {
  // Whoever gave up between poll and accept must not make us wait for the next one.
  ::fcntl(listener, F_SETFL, ::fcntl(listener, F_GETFL) | O_NONBLOCK);
  std::list<Connection> connections;
  std::vector<pollfd> watched;
  bool full = false;
  for (;;) {
    watched = {{until, POLLIN, 0}, {full ? -1 : listener, POLLIN, 0}};
    for (const auto& connection : connections) {
      watched.push_back(connection.left());
      watched.push_back(connection.right());
    }
    if (::poll(watched.data(), watched.size(), full ? kPauseMs : -1) < 0) continue;
    if (watched[0].revents != 0) return;
    full = false;
    std::size_t at = 2;
    for (auto connection = connections.begin(); connection != connections.end(); at += 2) {
      const bool goes_on = connection->move(watched[at].revents, watched[at + 1].revents);
      connection = goes_on ? std::next(connection) : connections.erase(connection);
    }
    if (watched[1].revents != 0) full = !accept_one(listener, connect_on, connections);
  }
}

}  // namespace pipeline::host
