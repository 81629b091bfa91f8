// Addresses of requests: what is accepted is safe as it stands, and means the same when it is
// written again.
#include "runner/server/http/target.h"
#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  const auto target = http::parse_target(input);
  if (!target) {
    FUZZ_EXPECT(target.error().kind() == base::ErrorKind::invalid);
    return;
  }
  std::string written;
  for (const std::string& part : target->path) {
    FUZZ_EXPECT(!part.empty() && part != "." && part != "..");
    FUZZ_EXPECT(part.find('/') == std::string::npos && part.find('\0') == std::string::npos);
    written += "/" + http::escape(part);
  }
  written += target->path.empty() ? "/?" : "?";
  for (const auto& [name, value] : target->query)
    written += http::escape(name) + "=" + http::escape(value) + "&";
  const auto again = http::parse_target(written);
  // What was plain may be too long once it is escaped.
  FUZZ_EXPECT(again ? again->path == target->path && again->query == target->query
                    : written.size() > input.size());
}
