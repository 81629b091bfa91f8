// flagd flag files, and the rules in them: read or refused, and every flag of a file that was read
// can be evaluated within its bounds.
#include "pipelines/toggle/evaluate.h"
#include "pipelines/toggle/flag_file.h"
#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  const auto flags = toggle::read_flags(input);
  if (!flags) {
    FUZZ_EXPECT(flags.error().kind() == base::ErrorKind::invalid);
    return;
  }
  const boost::json::object user = {
      {"targetingKey", "user-1"}, {"email", "a@example.com"}, {"version", "1.2.3"}, {"age", 42}};
  const base::TimePoint now{std::chrono::hours(24 * 365 * 56)};
  for (const auto& [key, flag] : flags->flags) {
    const auto evaluation = toggle::evaluate(*flags, key, user, now);
    FUZZ_EXPECT(evaluation.error.has_value() == (evaluation.reason == toggle::Reason::error));
    if (evaluation.variant) FUZZ_EXPECT(flag.variants.contains(*evaluation.variant));
  }
}
