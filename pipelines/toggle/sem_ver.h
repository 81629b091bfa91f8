// Semantic versions as flagd compares them: `v` in front allowed, "1" and "1.2" mean 1.0.0 and
// 1.2.0, build metadata ignored, a pre-release sorts below its release (semver.org 2.0.0, rule 11).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::toggle {

struct SemVer {
  // Kept as digits: numbers of any length compare right.
  std::string major;
  std::string minor;
  std::string patch;
  std::vector<std::string> pre_release;

  static std::optional<SemVer> parse(std::string_view text);
  std::strong_ordering operator<=>(const SemVer& other) const;
  bool operator==(const SemVer& other) const { return std::is_eq(*this <=> other); }
};

// `=`, `!=`, `<`, `<=`, `>`, `>=`, `^` (same major), `~` (same major and minor); none for any other
// operator.
std::optional<bool> compare(const SemVer& left, std::string_view operation, const SemVer& right);

}  // namespace pipeline::toggle
