#include "runner/notify/back_off.h"

#include <array>

namespace pipeline::notify {

std::optional<base::Duration> wait_after(std::uint32_t tries) {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  constexpr std::array<base::Duration, 10> kWaits = {
      seconds(5), seconds(30), minutes(2), minutes(10), minutes(30),
      hours(1),   hours(2),    hours(5),   hours(10),   hours(16)};
  if (tries < 1 || tries > kWaits.size()) return std::nullopt;
  return kWaits.at(tries - 1);
}

}  // namespace pipeline::notify
