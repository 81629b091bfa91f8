#include "stages/host/boot.h"

#include "stages/host/file.h"

namespace pipeline::host {

const std::string& boot_id() {
  static const std::string id = read_file("/proc/sys/kernel/random/boot_id").value_or("?\n");
  return id;
}

}  // namespace pipeline::host
