#include "stages/deploy/target.h"

#include <tuple>

namespace pipeline::deploy {

bool InstanceSpec::operator==(const InstanceSpec& other) const {
  const auto all = [](const InstanceSpec& spec) {
    return std::tie(spec.name, spec.release, spec.start, spec.host, spec.port, spec.env,
                    spec.stop.signal, spec.stop.timeout);
  };
  return all(*this) == all(other);
}

}  // namespace pipeline::deploy
