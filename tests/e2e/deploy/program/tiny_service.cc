// tiny-service PORT NAME: answers every HTTP request on 127.0.0.1:PORT with NAME. TERM ends it at
// once: whoever deploys it has to see to it that no request is under way.
#include <sys/socket.h>

#include <cstdlib>
#include <string>
#include <thread>

#include "tests/support/http/tcp.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const std::string name = argv[2];
  const auto listener = pipeline::support::listen_on_loopback(port);
  if (!listener) return 1;
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(name.size()) + "\r\n\r\n" + name;
  while (true) {
    const int connection = ::accept(listener.get(), nullptr, nullptr);
    if (connection < 0) continue;
    std::thread([connection, &answer] {
      const pipeline::host::UniqueFd owned(connection);
      std::string buffer;
      pipeline::support::HttpMessage request;
      while (pipeline::support::read_message(owned.get(), buffer, request) &&
             pipeline::support::send_all(owned.get(), answer)) {
      }
    }).detach();
  }
}
