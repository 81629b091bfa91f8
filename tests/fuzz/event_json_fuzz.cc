// Events as JSON: what is read can be written, and reads as the same again.
#include "pipelines/run/event_json.h"
#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  const auto event = run::event_from_json(input);
  if (!event) {
    FUZZ_EXPECT(event.error().kind() == base::ErrorKind::corrupt);
    return;
  }
  const std::string line = run::to_json(*event);
  FUZZ_EXPECT(line.find('\n') == std::string::npos);
  const auto again = run::event_from_json(line);
  FUZZ_EXPECT(again);
  FUZZ_EXPECT(run::to_json(*again) == line);
}
