#include "stages/source/network_stream.h"

#include <git2.h>
#include <git2/sys/stream.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "stages/host/unique_fd.h"

namespace pipeline::source {

namespace {

std::atomic<int> idle_seconds{kNetworkIdleSeconds};
thread_local std::string last_failure;

struct Stream {
  git_stream base{};  // first: libgit2 knows the object by this
  std::string host;
  std::string port;
  host::UniqueFd socket;
};

Stream& self(git_stream* stream) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the C idiom of a first member.
  return *reinterpret_cast<Stream*>(stream);
}

int refuse(const std::string& message) {
  git_error_set_str(GIT_ERROR_NET, message.c_str());
  last_failure = message;
  return -1;
}

std::string silence(const Stream& stream) {
  return stream.host + " did not answer for " + std::to_string(idle_seconds.load()) + " seconds";
}

int refuse_errno(const Stream& stream, int error) {
  if (error == EAGAIN || error == ETIMEDOUT) return refuse(silence(stream));
  if (error == ECANCELED) return refuse("the program is stopping");
  return refuse(stream.host + ": " + std::strerror(error));
}

// Readable as long as somebody has given the network up.
int given_up() {
  static const host::UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE));
  return event.get();
}

// 0 when the socket is ready, an errno otherwise.
int wait_within_limit(int fd, short events) {
  std::array<pollfd, 2> waiting = {{{fd, events, 0}, {given_up(), POLLIN, 0}}};
  while (true) {
    const int ready = ::poll(waiting.data(), waiting.size(), idle_seconds * 1000);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return errno;
    if (ready == 0) return ETIMEDOUT;
    return waiting[1].revents != 0 ? ECANCELED : 0;
  }
}

// 0 when connected, an errno otherwise.
int connect_within_limit(int fd, const addrinfo& address) {
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (const int waited = wait_within_limit(fd, POLLOUT); waited != 0) return waited;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

host::UniqueFd open_socket(const addrinfo& address, int& error) {
  host::UniqueFd fd(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                             address.ai_protocol));
  if (!fd) {
    error = errno;
    return {};
  }
  error = connect_within_limit(fd.get(), address);
  if (error != 0) return {};
  return fd;
}

int stream_connect(git_stream* base) {
  Stream& stream = self(base);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_family = AF_UNSPEC;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(stream.host.c_str(), stream.port.c_str(), &hints, &found))
    return refuse("failed to resolve " + stream.host + ": " + ::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  int error = ENOENT;
  for (const addrinfo* a = found; a != nullptr && !stream.socket; a = a->ai_next)
    stream.socket = open_socket(*a, error);
  return stream.socket ? 0 : refuse_errno(stream, error);
}

// Waits until the socket is ready; false (with the error set) when the peer stays silent.
bool wait_for(const Stream& stream, short events) {
  const int waited = wait_within_limit(stream.socket.get(), events);
  if (waited != 0) refuse_errno(stream, waited);
  return waited == 0;
}

ssize_t stream_read(git_stream* base, void* data, std::size_t size) {
  const Stream& stream = self(base);
  if (!wait_for(stream, POLLIN)) return -1;
  const ssize_t n = ::recv(stream.socket.get(), data, size, 0);
  return n >= 0 ? n : refuse_errno(stream, errno);
}

ssize_t stream_write(git_stream* base, const char* data, std::size_t size, int /*flags*/) {
  const Stream& stream = self(base);
  if (!wait_for(stream, POLLOUT)) return -1;
  const ssize_t n = ::send(stream.socket.get(), data, size, MSG_NOSIGNAL);
  return n >= 0 ? n : refuse_errno(stream, errno);
}

int stream_close(git_stream* base) {
  self(base).socket.reset();
  return 0;
}

void stream_free(git_stream* base) {
  const std::unique_ptr<Stream> owned(&self(base));
}

int stream_new(git_stream** out, const char* host, const char* port) {
  auto stream = std::make_unique<Stream>();
  stream->host = host;
  stream->port = port;
  stream->base.version = GIT_STREAM_VERSION;
  stream->base.connect = stream_connect;
  stream->base.read = stream_read;
  stream->base.write = stream_write;
  stream->base.close = stream_close;
  stream->base.free = stream_free;
  *out = &stream.release()->base;
  return 0;
}

}  // namespace

void register_network_stream() {
  git_stream_registration registration{};
  registration.version = GIT_STREAM_VERSION;
  registration.init = stream_new;
  git_stream_register(GIT_STREAM_STANDARD, &registration);
}

std::string take_network_failure() {
  return std::exchange(last_failure, {});
}

NetworkGivenUp::NetworkGivenUp() {
  ::eventfd_write(given_up(), 1);
}

NetworkGivenUp::~NetworkGivenUp() {
  eventfd_t one = 0;
  ::eventfd_read(given_up(), &one);
}

void set_network_idle_seconds(int seconds) {
  idle_seconds = seconds;
}

}  // namespace pipeline::source
