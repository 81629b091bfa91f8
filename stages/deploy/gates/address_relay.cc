#include "stages/deploy/gates/address_relay.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>

#include "stages/host/tcp.h"

namespace pipeline::deploy::gates {

using base::Result;

namespace {

// Single quotes, for any text.
std::string quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

Result<std::unique_ptr<AddressRelay>> AddressRelay::open(const std::filesystem::path& directory,
                                                         host::Address target) {
  PIPELINE_ASSIGN(auto listener, host::listen_unix(directory, kRelaySocket));
  host::UniqueFd end(::eventfd(0, EFD_CLOEXEC));
  if (!end) return base::fail(base::Error::from_errno(errno, "make a relay"));
  return std::unique_ptr<AddressRelay>(
      new AddressRelay(directory, std::move(target), std::move(listener), std::move(end)));
}

AddressRelay::AddressRelay(std::filesystem::path directory, host::Address target,
                           host::UniqueFd listener, host::UniqueFd end)
    : directory_(std::move(directory)),
      target_(std::move(target)),
      listener_(std::move(listener)),
      end_(std::move(end)) {
  acceptor_ = std::thread([this] { accept_connections(); });
}

AddressRelay::~AddressRelay() {
  ::eventfd_write(end_.get(), 1);
  acceptor_.join();
  for (auto& connection : connections_) connection.join();
}

void AddressRelay::accept_connections() {
  for (;;) {
    pollfd watched[] = {{listener_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents != 0) return;
    host::UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) continue;
    connections_.emplace_back([this, fd = client.release()] { forward(host::UniqueFd(fd)); });
  }
}

void AddressRelay::forward(host::UniqueFd client) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const auto server = host::connect_tcp(target_, deadline);
  // Closing the client's connection at once is what it would see of a refused one.
  if (server) host::pump(client.get(), server->get(), end_.get());
}

std::string AddressRelay::command(const std::filesystem::path& relay_program) const {
  return quoted(relay_program) + " " + std::to_string(target_.port) + " " +
         quoted(directory_ / kRelaySocket);
}

std::vector<std::string> AddressRelay::readable(const std::filesystem::path& relay_program) const {
  return {relay_program, directory_};
}

std::string AddressRelay::url() const {
  return "http://127.0.0.1:" + std::to_string(target_.port);
}

}  // namespace pipeline::deploy::gates
