#include "runner/server/http/wire/server.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <mutex>

#include "runner/server/http/wire/connection.h"
#include "runner/server/http/wire/wait.h"

namespace pipeline::http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::ErrorKind;
using base::fail;
using base::Result;
using boost::system::error_code;

// After accept() failed for want of descriptors or memory: nothing is lost, peers wait in the
// queue.
constexpr std::chrono::milliseconds kBreath(100);

class BeastServer final : public Server {
 public:
  BeastServer(Handler& handler, const Limits& limits)
      : limits_(limits), shared_{handler, limits_}, room_(context_), giving_up_(context_) {
    room_.expires_at(asio::steady_timer::time_point::max());
  }

  Result<host::Address> listen(const host::Address& address) override {
    error_code error;
    const auto ip = asio::ip::make_address(address.host.empty() ? "::" : address.host, error);
    if (error) return fail(ErrorKind::invalid, address.host + " is no IP address");
    const tcp::endpoint endpoint(ip, address.port);
    tcp::acceptor acceptor(context_);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(cannot_listen(address, error));
    const auto bound = acceptor.local_endpoint();
    acceptors_.push_back(std::move(acceptor));
    return host::Address{address.host, bound.port()};
  }

  Result<> adopt(host::UniqueFd listener) override {
    error_code error;
    tcp::acceptor acceptor(context_);
    acceptor.assign(tcp::v6(), listener.get(), error);
    if (error) return fail(base::Error::from_errno(error.value(), "take over a listening socket"));
    listener.release();
    acceptors_.push_back(std::move(acceptor));
    return {};
  }

  Result<> set_tls(const TlsFiles& files) override {
    auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    tls->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    error_code error;
    tls->use_certificate_chain_file(files.certificates, error);
    if (error) return fail(cannot_use(files.certificates, error));
    tls->use_private_key_file(files.key, asio::ssl::context::pem, error);
    if (error) return fail(cannot_use(files.key, error));
    const std::lock_guard lock(mutex_);
    tls_ = std::move(tls);
    return {};
  }

  void run() override {
    for (tcp::acceptor& acceptor : acceptors_)
      asio::co_spawn(context_, accept_on(acceptor), asio::detached);
    const auto stay = asio::make_work_guard(context_);
    context_.run();
  }

  void stop() override {
    asio::post(context_, [this] { stop_now(); });
  }

  void post(std::function<void()> work) override { asio::post(context_, std::move(work)); }

  std::size_t connections() const override { return count_; }

 private:
  static base::Error cannot_listen(const host::Address& address, error_code error) {
    auto told = base::Error::from_errno(error.value(), "listen on " + address.to_text());
    if (error != asio::error::address_in_use) return told;
    const auto who = host::listener_on(address);
    return base::Error(ErrorKind::conflict,
                       address.to_text() + " is taken" + (who ? " by " + *who : std::string()));
  }

  static base::Error cannot_use(const std::filesystem::path& file, error_code error) {
    return {ErrorKind::invalid, file.string() + " cannot be used for TLS: " + error.message()};
  }

  asio::awaitable<void> accept_on(tcp::acceptor& acceptor) {
    while (!shared_.is_stopping) {
      while (count_ >= limits_.connections && !shared_.is_stopping)
        co_await room_.async_wait(kWait);
      auto [error, socket] = co_await acceptor.async_accept(kWait);
      if (error == asio::error::operation_aborted) co_return;
      if (!error) {
        asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
        continue;
      }
      asio::steady_timer breath(context_, kBreath);
      co_await breath.async_wait(kWait);
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    ++count_;
    const auto place = connections_.insert(
        connections_.end(), make_connection(std::move(socket), shared_, current_tls()));
    co_await (*place)->serve();
    connections_.erase(place);
    --count_;
    room_.cancel();
    if (shared_.is_stopping && connections_.empty()) context_.stop();
  }

  std::shared_ptr<asio::ssl::context> current_tls() {
    const std::lock_guard lock(mutex_);
    return tls_;
  }

  void stop_now() {
    if (shared_.is_stopping) return;
    shared_.is_stopping = true;
    for (tcp::acceptor& acceptor : acceptors_) acceptor.close();
    room_.cancel();
    for (const auto& connection : connections_) connection->leave_if_idle();
    if (connections_.empty()) return context_.stop();
    giving_up_.expires_after(limits_.to_stop);
    giving_up_.async_wait([this](error_code error) {
      if (!error) context_.stop();
    });
  }

  asio::io_context context_{1};
  Limits limits_;
  Shared shared_;
  std::list<tcp::acceptor> acceptors_;
  std::list<std::shared_ptr<Connection>> connections_;
  std::atomic<std::size_t> count_{0};
  asio::steady_timer room_;  // cancelled when a connection went
  asio::steady_timer giving_up_;
  std::mutex mutex_;  // of tls_
  std::shared_ptr<asio::ssl::context> tls_;
};

}  // namespace

std::unique_ptr<Server> Server::create(Handler& handler, const Limits& limits) {
  return std::make_unique<BeastServer>(handler, limits);
}

}  // namespace pipeline::http
