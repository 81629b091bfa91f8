// Cron expressions: what is read has a next time, and it is one that the expression names; what is
// not points into the text.
#include "pipelines/schedule/cron.h"
#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  const auto cron = schedule::Cron::parse(input);
  if (!cron) {
    FUZZ_EXPECT(!cron.error().what.empty());
    FUZZ_EXPECT(cron.error().at + cron.error().length <= input.size());
    return;
  }
  const schedule::LocalMinutes start(std::chrono::minutes(29'000'000));  // in 2025
  const auto next = cron->next(start);
  FUZZ_EXPECT(next.has_value());
  FUZZ_EXPECT(*next > start && cron->matches(*next));
}
