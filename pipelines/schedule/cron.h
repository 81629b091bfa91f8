// Cron expressions: which minutes of local time one names. What these are in UTC is firing.h's.
//
// Five fields, minute hour day-of-month month day-of-week, each `*`, a number, a range, or a list
// of these; `*` and ranges may have a step. Months and weekdays also by their English names of
// three letters; Sunday is 0 and 7. As crontab(5) has it: when both day fields are restricted,
// which means that neither begins with `*`, a day that either of them names counts, otherwise one
// that both name. And `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`,
// `@annually`.
#pragma once

#include <bitset>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace pipeline::schedule {

// A clock on the wall, of which zone it does not say.
using LocalMinutes = std::chrono::local_time<std::chrono::minutes>;

// What is wrong with an expression, and where in it.
struct CronMistake {
  std::string what;
  std::string hint;  // may be empty
  std::size_t at = 0;
  std::size_t length = 0;  // 0: the whole expression
};

class Cron {
 public:
  // Refuses also what could never fire, such as 30 February.
  static tl::expected<Cron, CronMistake> parse(std::string_view text);

  bool matches(LocalMinutes time) const;
  // The first that it names after `time`. None only past the years that can be represented.
  std::optional<LocalMinutes> next(LocalMinutes time) const;

 private:
  friend class CronReader;
  Cron() = default;
  bool matches(std::chrono::year_month_day day) const;
  std::optional<std::chrono::local_days> next_day(std::chrono::local_days from) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<8> weekdays_;  // 0 to 6
  bool either_day_ = false;  // both day fields are restricted
};

}  // namespace pipeline::schedule
