// The target of a request (RFC 9112, section 3.2), taken apart. Bytes of a stranger: what could
// mean two things to two readers is refused, not repaired.
//
// Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::http {

struct Target {
  std::vector<std::string> path;  // "/api/v1/runs" is {api, v1, runs}; "/" is empty
  std::vector<std::pair<std::string, std::string>> query;
  std::string raw_query;  // as it was sent, without the question mark

  // The first of that name.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

// Origin form, or absolute form whose host is ignored. Parts are percent-decoded, a plus in the
// query is a space. ErrorKind::invalid for a broken escape, an empty part or one of dots, and for
// what decodes to a slash, a control character or no UTF-8. One slash at the end of the path is
// dropped.
base::Result<Target> parse_target(std::string_view text);

// The text as one part of a path or one value of a query, escaped (RFC 3986, unreserved characters
// stay).
std::string escape(std::string_view text);

}  // namespace pipeline::http
