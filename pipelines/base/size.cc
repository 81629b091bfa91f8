#include "pipelines/base/size.h"

#include <array>
#include <limits>

#include "pipelines/base/quantity.h"

namespace pipeline::base {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::uint64_t power(std::uint64_t base, unsigned exponent) {
  return exponent == 0 ? 1 : base * power(base, exponent - 1);
}
constexpr std::array<Unit, 9> kUnits = {{{"B", 1},
                                         {"kB", 1000},
                                         {"MB", power(1000, 2)},
                                         {"GB", power(1000, 3)},
                                         {"TB", power(1000, 4)},
                                         {"KiB", 1024},
                                         {"MiB", power(1024, 2)},
                                         {"GiB", power(1024, 3)},
                                         {"TiB", power(1024, 4)}}};
// What a size is shown in, smallest first.
constexpr std::array<std::string_view, 5> kShown = {"B", "KiB", "MiB", "GiB", "TiB"};

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  if (text.empty()) return fail(ErrorKind::invalid, "a size is missing");
  PIPELINE_ASSIGN(const auto size, take_quantity(text, "512MiB"));
  const auto* unit = std::ranges::find(kUnits, size.unit, &Unit::name);
  if (unit == kUnits.end() || !text.empty()) {
    return fail(Error(ErrorKind::invalid,
                      "unknown unit \"" + std::string(size.unit) + std::string(text) + "\"")
                    .hint("units are B, kB, MB, GB, TB, KiB, MiB, GiB and TiB"));
  }
  if (size.number > std::numeric_limits<std::uint64_t>::max() / unit->bytes) {
    return fail(ErrorKind::invalid, "the size is too large");
  }
  return size.number * unit->bytes;
}

std::string format_size(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  std::size_t shown = 1;
  std::uint64_t unit = 1024;
  while (shown + 1 < kShown.size() && bytes / unit >= 1024) {
    unit *= 1024;
    ++shown;
  }
  std::uint64_t whole = bytes / unit;
  std::uint64_t tenths = ((bytes % unit) * 10 + unit / 2) / unit;
  if (tenths == 10) {
    ++whole;
    tenths = 0;
  }
  if (whole == 1024 && shown + 1 < kShown.size()) {  // 1023.96 KiB rounds up into the next unit
    whole = 1;
    ++shown;
  }
  const std::string fraction = tenths == 0 ? "" : "." + std::to_string(tenths);
  return std::to_string(whole) + fraction + " " + std::string(kShown.at(shown));
}

}  // namespace pipeline::base
