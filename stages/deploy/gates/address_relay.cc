#include "stages/deploy/gates/address_relay.h"

#include <sys/eventfd.h>

#include <cerrno>

#include "stages/host/forwarding.h"
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
  forwarder_ = std::thread([this] {
    host::forward_connections(
        listener_.get(), [this] { return host::begin_connect_tcp(target_); }, end_.get());
  });
}

AddressRelay::~AddressRelay() {
  ::eventfd_write(end_.get(), 1);
  forwarder_.join();
}

std::uint16_t AddressRelay::port_inside() const {
  constexpr std::uint16_t kFirstUnprivileged = 1024;
  constexpr std::uint16_t kShift = 8000;  // 80 becomes 8080, 443 becomes 8443
  return target_.port < kFirstUnprivileged ? static_cast<std::uint16_t>(target_.port + kShift)
                                           : target_.port;
}

std::string AddressRelay::command(const std::filesystem::path& relay_program) const {
  return quoted(relay_program) + " " + std::to_string(port_inside()) + " " +
         quoted(directory_ / kRelaySocket);
}

std::vector<std::string> AddressRelay::readable(const std::filesystem::path& relay_program) const {
  return {relay_program, directory_};
}

std::string AddressRelay::url() const {
  return "http://127.0.0.1:" + std::to_string(port_inside());
}

}  // namespace pipeline::deploy::gates
