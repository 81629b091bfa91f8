// The TOML front end: whatever the bytes, a pipeline or diagnostics that point into the text, never
// both an error and a pipeline.
#include "pipelines/base/text.h"
#include "pipelines/config/diagnostic.h"
#include "pipelines/config/reader.h"
#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  const auto result = config::read_pipeline(input);
  bool has_error = false;
  const auto lines = base::split(input, '\n');
  for (const auto& diagnostic : result.diagnostics) {
    has_error = has_error || diagnostic.severity == config::Severity::error;
    FUZZ_EXPECT(!diagnostic.message.empty());
    FUZZ_EXPECT(diagnostic.span.line <= lines.size());
  }
  FUZZ_EXPECT(has_error != result.pipeline.has_value());
  const auto text =
      config::render(result.diagnostics, result.sources("pipeline.toml", input), config::Color::no);
  FUZZ_EXPECT(base::is_valid_utf8(text));
  FUZZ_EXPECT(text.find('\x1B') == std::string::npos);
}
