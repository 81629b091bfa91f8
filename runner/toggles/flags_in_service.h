// What the users of one environment are served: the flags of the file that its release carries,
// with what operators have set over it. Made by toggle_desk.h, never changed afterwards; safe to
// share between threads.
#pragma once

#include <cstdint>
#include <string>

#include "pipelines/base/result.h"
#include "pipelines/toggle/setting.h"
#include "stages/deploy/environment_key.h"

namespace pipeline::toggles {

struct FlagsInService {
  deploy::EnvironmentKey key;
  std::uint64_t release = 0;  // that serves; 0: none does
  std::string path{};         // of its flag file, in the tree it was built from; empty: it has none
  // As the file says. ErrorKind::invalid: it is not there, or says nothing that could be served.
  base::Result<toggle::FlagSet> file = toggle::FlagSet{};
  toggle::Settings settings{};
  toggle::FlagSet served{};  // both together; none when the file says nothing
  std::string revision{};    // another one whenever any of it is another
};

}  // namespace pipeline::toggles
