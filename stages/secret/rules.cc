#include "stages/secret/rules.h"

#include <string>

namespace pipeline::secret {

namespace {

base::Error refused(std::string_view name, const std::string& why, std::string_view hint) {
  return base::Error(base::ErrorKind::invalid, std::string(name) + " " + why)
      .hint(std::string(hint));
}

}  // namespace

base::Result<> check_value(std::string_view name, std::string_view value) {
  if (value.size() < kShortestSecret) {
    return base::fail(refused(name,
                              "is shorter than " + std::to_string(kShortestSecret) +
                                  " bytes, too short to be hidden in a log",
                              "take a longer secret; what is none belongs into the stage's `env`"));
  }
  if (value.size() > kLongestSecret) {
    return base::fail(
        refused(name, "is longer than " + std::to_string(kLongestSecret >> 10U) + " KiB",
                "keep a large one encrypted in the repository, and its key as the secret"));
  }
  if (value.find('\0') != std::string_view::npos) {
    return base::fail(refused(name, "has a zero byte, which no environment variable can hold",
                              "encode it, for example with base64"));
  }
  return {};
}

std::string_view without_line_end(std::string_view value) {
  if (value.ends_with('\n')) value.remove_suffix(1);
  return value;
}

}  // namespace pipeline::secret
