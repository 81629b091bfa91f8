// What the supervisor (outside) and pid 1 of the job (inside) say to each other, one message a
// packet. What comes from inside is not to be trusted: the job might have taken pid 1 over.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pipelines/base/result.h"
#include "stages/host/packet.h"

namespace pipeline::sandbox::helper {

struct ToInside {
  enum class Kind : std::uint32_t {
    go = 1,              // the identity maps are in place
    order = 2,           // carries the order in a memfd, then the entrances of cgroups to enter
    run = 3,             // command `index`
    await_idle = 4,      // say when no process but pid 1 is left
    start_service = 5,   // service `index`; carries the end of a pipe that it writes to
    signal_service = 6,  // send `signal` to service `index` and its process group
    signal_command = 7,  // the same to the command that runs
  };
  Kind kind = Kind::go;
  std::uint32_t index = 0;
  std::int32_t signal = 0;
};

// FromInside::status of what failed.
inline constexpr std::int32_t kOverlayRefused = 1;
inline constexpr std::int32_t kJobsDoing = 2;  // it asks for what is not there

struct FromInside {
  enum class Kind : std::uint32_t {
    ready = 1,     // carries two descriptors: the job's /proc and its temporary file system
    failed = 2,    // could not be set up; `text` says why, `status` may say whose doing it is
    finished = 3,  // the command's raw wait status in `status`
    idle = 4,
    service_ready = 5,  // service `index`
    service_ended = 6,  // service `index`, with the raw wait status in `status`
  };
  Kind kind = Kind::ready;
  std::int32_t status = 0;
  std::uint32_t index = 0;
  char text[1012] = {};
};

// Whether it was taken: false when the other side is gone or not listening.
bool send(int socket, const ToInside& message, const std::vector<int>& descriptors = {});
bool send(int socket, const FromInside& message, const std::vector<int>& descriptors = {});

using Instruction = host::Received<ToInside>;
using Report = host::Received<FromInside>;
// Waits; none when the helper is gone.
std::optional<Instruction> receive_instruction(int socket);
// None when nothing is there for now, or pid 1 is gone.
std::optional<Report> receive_report(int socket);

FromInside failure(const base::Error& error);

}  // namespace pipeline::sandbox::helper
