// A HaproxySwitch with a real HAProxy and backends in this process; the world of the contract
// suite.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "stages/deploy/haproxy/haproxy_switch.h"
#include "stages/host/listener.h"
#include "tests/support/http/http_backend.h"
#include "tests/support/http/tcp.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::deploy::haproxy {

inline constexpr std::uint16_t kPublicPort = 18080;
inline constexpr std::uint16_t kPreviewPort = 18081;

class HaproxyWorld {
 public:
  static std::optional<std::string> missing() {
    if (std::filesystem::exists("/usr/sbin/haproxy")) return std::nullopt;
    return "haproxy is not installed (apt-get install haproxy)";
  }

  HaproxyWorld() : switch_(directory(), spec(), {.http_path = "/"}) {}
  // Whatever a failed test left.
  ~HaproxyWorld() { static_cast<void>(switch_.shut_down()); }

  HaproxySwitch& traffic_switch() { return switch_; }
  std::filesystem::path directory() const { return temporary_.path() / "switch"; }
  model::SwitchSpec spec() const {
    return {.listen = host::Address{host_, kPublicPort}.to_text(),
            .preview = host::Address{host_, kPreviewPort}.to_text()};
  }
  const std::string& host() const { return host_; }

  support::HttpBackend& backend(const std::string& name) {
    auto& slot = backends_[name];
    if (!slot) slot = std::make_unique<support::HttpBackend>(name);
    return *slot;
  }
  rollout::Endpoint instance(const std::string& name) {
    return {.instance = name, .host = "127.0.0.1", .port = backend(name).port()};
  }

  std::string ask_public() const { return answer_of(kPublicPort); }
  std::string ask_preview() const { return answer_of(kPreviewPort); }

  class Request {
   public:
    Request(HaproxyWorld& world, const std::string& holder) : backend_(world.backend(holder)) {
      backend_.hold();
      fd_ = support::connect_to(world.host_, kPublicPort);
      support::send_all(fd_.get(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      backend_.await_held(1);
    }
    ~Request() { backend_.release(); }
    std::string finish() {
      backend_.release();
      std::string buffer;
      support::HttpMessage message;
      return support::read_message(fd_.get(), buffer, message) ? message.body : "";
    }

   private:
    support::HttpBackend& backend_;
    host::UniqueFd fd_;
  };
  std::unique_ptr<Request> begin_request(const std::string& holder) {
    return std::make_unique<Request>(*this, holder);
  }

 private:
  std::string answer_of(std::uint16_t port) const {
    const auto fd = support::connect_to(host_, port);
    std::string buffer;
    support::HttpMessage message;
    const bool answered =
        fd &&
        support::send_all(fd.get(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") &&
        support::read_message(fd.get(), buffer, message);
    return answered && message.head.starts_with("HTTP/1.1 200") ? message.body : "";
  }

  std::string host_ = support::own_loopback();
  support::TemporaryDirectory temporary_;
  std::map<std::string, std::unique_ptr<support::HttpBackend>> backends_;
  HaproxySwitch switch_;
};

}  // namespace pipeline::deploy::haproxy
