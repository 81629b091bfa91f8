#include "tests/support/running_server/running_server.h"

#include <sys/socket.h>

#include <regex>

namespace pipeline::http {

std::string Client::rest() {
  std::string all = std::exchange(buffer_, {});
  char bytes[4096];
  for (ssize_t got = 0; (got = ::recv(fd_.get(), bytes, sizeof bytes, 0)) > 0;)
    all.append(bytes, static_cast<std::size_t>(got));
  static const std::regex date("Date: [^\r]*\r\n");
  return std::regex_replace(all, date, "");
}

}  // namespace pipeline::http
