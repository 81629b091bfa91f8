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
    go = 1,          // the identity maps are in place
    order = 2,       // carries the order in a memfd, then the entrances of cgroups to enter
    run = 3,         // command `index`
    await_idle = 4,  // say when no process but pid 1 is left
  };
  Kind kind = Kind::go;
  std::uint32_t index = 0;
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
  };
  Kind kind = Kind::ready;
  std::int32_t status = 0;
  char text[1016] = {};
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
