#include "src/flags.h"

bool is_on(const std::string& flag_file, const std::string& flag) {
  const auto begin = flag_file.find('"' + flag + '"');
  if (begin == std::string::npos) return false;
  const std::string key = "\"defaultVariant\"";
  const auto at = flag_file.find(key, begin);
  if (at == std::string::npos) return false;
  const auto open = flag_file.find('"', at + key.size());
  const auto close = flag_file.find('"', open + 1);
  return close != std::string::npos && flag_file.substr(open + 1, close - open - 1) == "on";
}
