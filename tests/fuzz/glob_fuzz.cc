// Globs: the first line is the pattern, the rest the path.
#include "pipelines/base/glob.h"
#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  const auto line_end = input.find('\n');
  const auto pattern = input.substr(0, line_end);
  const auto path = line_end == std::string_view::npos ? "" : input.substr(line_end + 1);
  const auto glob = base::Glob::compile(pattern);
  if (!glob) {
    FUZZ_EXPECT(glob.error().kind() == base::ErrorKind::invalid);
    return;
  }
  const auto slash = path.rfind('/');
  if (glob->matches(path) && slash != std::string_view::npos) {
    FUZZ_EXPECT(glob->may_match_below(path.substr(0, slash)));
  }
}
