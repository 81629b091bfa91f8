#include "runner/cli/user_name.h"

#include <pwd.h>
#include <unistd.h>

namespace pipeline::cli {

std::string user_name() {
  const passwd* const user = ::getpwuid(::getuid());
  return user == nullptr ? "uid " + std::to_string(::getuid()) : user->pw_name;
}

}  // namespace pipeline::cli
