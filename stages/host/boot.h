// Which run of the machine's kernel this is. What was written but not synced is whole within one
// boot, and after a power cut may be empty or garbled although its name is there.
#pragma once

#include <string>

namespace pipeline::host {

// One line, the same for as long as the machine is up.
const std::string& boot_id();

}  // namespace pipeline::host
