// pipeline-load PORT [PATH]: a constant request load on 127.0.0.1:PORT until TERM or INT, or until
// its standard input ends, so that it cannot outlive the script that started it. Then one line:
//
//   requests 18231, failed 0
//
// and, when some failed, what the first one met. Exit code 1 when a request failed, 2 for a wrong
// command line.
#include <poll.h>
#include <sys/signalfd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <string_view>

#include "tests/support/http/http_load.h"

namespace {

// Until a signal to end arrives or standard input closes.
void wait_for_the_end() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  const int signals = ::signalfd(-1, &ends, SFD_CLOEXEC);
  for (;;) {
    pollfd waited[] = {{signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    if (::poll(waited, 2, -1) < 0) continue;
    if (waited[0].revents != 0) return;
    char ignored[256];
    if (waited[1].revents != 0 && ::read(STDIN_FILENO, ignored, sizeof ignored) <= 0) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view text = argc > 1 ? argv[1] : "";
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (argc > 3 || text.empty() || error != std::errc() || end != text.data() + text.size()) {
    std::fprintf(stderr, "usage: pipeline-load PORT [PATH]\n");
    return 2;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before there are threads: they inherit it

  pipeline::support::HttpLoad load({.port = port,
                                    .path = argc > 2 ? argv[2] : "/",
                                    .workers = 4,
                                    .pause = std::chrono::milliseconds(2)});
  wait_for_the_end();
  const auto result = load.stop();
  std::printf("requests %llu, failed %llu\n", static_cast<unsigned long long>(result.requests),
              static_cast<unsigned long long>(result.failed));
  if (result.failed > 0) std::printf("the first failure: %s\n", result.first_failure.c_str());
  return result.failed > 0 ? 1 : 0;
}
