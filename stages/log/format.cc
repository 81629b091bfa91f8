#include "stages/log/format.h"

namespace pipeline::log {

std::string cut_notice(std::uint64_t bytes) {
  return "\n[... " + std::to_string(bytes) +
         " bytes of output were cut here: sandbox.output limits what is kept ...]\n";
}

}  // namespace pipeline::log
