// The few socket calls that the server and the load generator share. IPv4 loopback; errors are
// false or an empty descriptor, because in a test of failures they are data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stages/host/unique_fd.h"

namespace pipeline::support {

// Port 0: a free one; `port` then says which.
host::UniqueFd listen_on_loopback(std::uint16_t& port);
host::UniqueFd connect_to(const std::string& host, std::uint16_t port);
bool send_all(int fd, std::string_view bytes);
// An IPv4 loopback address that is this process' own (127.64.0.0/10, by pid), so that tests that
// run at the same time can use the same fixed ports.
std::string own_loopback();

// Reads one HTTP message (head and a body of Content-Length) from a stream. Bytes of the next
// message stay in `buffer`. False when the stream ends or breaks before the message does.
struct HttpMessage {
  std::string head;  // start line and headers
  std::string body;
};
bool read_message(int fd, std::string& buffer, HttpMessage& message);

}  // namespace pipeline::support
