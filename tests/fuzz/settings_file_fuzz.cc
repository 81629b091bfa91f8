// server.toml: whatever the bytes, settings or diagnostics, never both an error and settings.
#include "pipelines/base/text.h"
#include "runner/settings/settings_file.h"
#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  const auto result = settings::read_settings(input);
  bool has_error = false;
  for (const auto& diagnostic : result.diagnostics)
    has_error = has_error || diagnostic.severity == config::Severity::error;
  FUZZ_EXPECT(has_error != result.settings.has_value());
  const auto text = config::render(result.diagnostics, {{"server.toml", input}}, config::Color::no);
  FUZZ_EXPECT(base::is_valid_utf8(text));
}
