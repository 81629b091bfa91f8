#include "runner/server/api/basic_credentials.h"

#include "pipelines/base/base64.h"
#include "pipelines/base/text.h"

namespace pipeline::api {

namespace {

constexpr std::string_view kBasic = "Basic ";
constexpr std::size_t kLongest = 4096;

}  // namespace

std::optional<std::string> password_in(std::string_view authorization) {
  if (!authorization.starts_with(kBasic) || authorization.size() > kLongest) return std::nullopt;
  const auto pair = base::from_base64(base::trim(authorization.substr(kBasic.size())));
  const auto colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return pair->substr(colon + 1);
}

}  // namespace pipeline::api
