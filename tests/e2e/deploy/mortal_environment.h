// An environment with real processes and a real HAProxy, driven by mortal-driver: one process a
// command. Its own among tests that run at the same time.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stages/host/file.h"
#include "stages/host/process.h"
#include "tests/support/http/tcp.h"
#include "tests/support/port_block.h"
#include "tests/support/temporary_directory.h"

namespace pipeline {

// Run in the sandbox of the smoke gate: what the service answers decides.
inline constexpr const char* kSmoke = R"(exec 3<>/dev/tcp/127.0.0.1/${PREVIEW_URL##*:}
printf 'GET / HTTP/1.0\r\n\r\n' >&3
answer=$(cat <&3)
case $answer in
  *'200 OK'*good*) ;;
  *'200 OK'*late*) [ "$PREVIEW_URL" != "$PUBLIC_URL" ] ;;
  *) exit 1 ;;
esac
)";

enum class Ended { well, badly, killed };

class MortalEnvironment {
 public:
  explicit MortalEnvironment(std::string strategy) : strategy_(std::move(strategy)) {
    home_.write("tree/smoke.sh", kSmoke);
  }

  static std::optional<std::string> missing() {
    if (std::filesystem::exists("/usr/sbin/haproxy")) return std::nullopt;
    return "haproxy is not installed (apt-get install haproxy)";
  }

  struct Run {
    Ended ended = Ended::badly;
    std::string output;
  };
  // `die_at`: the moment at which the driver kills itself; 0: never.
  Run run(const std::vector<std::string>& command, int die_at = 0) const {
    const auto log = home() / "driver.log";
    const auto out = host::open_file(log, O_CREAT | O_TRUNC | O_WRONLY);
    std::vector<std::string> words = {home(),       host_ + ":18080", host_ + ":18081",
                                      first_port(), strategy_,        std::to_string(die_at)};
    words.insert(words.end(), command.begin(), command.end());
    if (!out) return {};
    auto driver = host::spawn({.program = MORTAL_DRIVER,
                               .arguments = words,
                               .descriptors = {{1, out->get()}, {2, out->get()}}});
    if (!driver) return {};
    const auto status = driver->wait();
    Run run{Ended::badly, host::read_file(log).value_or("")};
    if (status && status->success()) run.ended = Ended::well;
    if (status && status->signal == SIGKILL) run.ended = Ended::killed;
    return run;
  }

  const std::string& host() const { return host_; }
  std::filesystem::path home() const { return home_.path(); }

 private:
  static std::string first_port() {
    static const int port = support::claim_ports(25200, 4, 400);
    return std::to_string(port);
  }

  std::string strategy_;
  std::string host_ = support::own_loopback();
  support::TemporaryDirectory home_;
};

}  // namespace pipeline
