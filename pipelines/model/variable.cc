#include "pipelines/model/variable.h"

namespace pipeline::model {

std::string variable_name(std::string_view prefix, std::string_view name) {
  std::string result(prefix);
  for (const char byte : name) {
    if (byte >= 'a' && byte <= 'z') {
      result += static_cast<char>(byte - 'a' + 'A');
    } else {
      const bool keep = (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
      result += keep ? byte : '_';
    }
  }
  return result;
}

}  // namespace pipeline::model
