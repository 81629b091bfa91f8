#include "pipelines/toggle/sem_ver.h"

#include "pipelines/base/text.h"

namespace pipeline::toggle {

namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_canonical_number(std::string_view text) {
  return is_number(text) && (text.size() == 1 || text.front() != '0');
}

bool is_identifier(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") ==
                              std::string_view::npos;
}

std::strong_ordering compare_numbers(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left <=> right;
}

std::strong_ordering compare_identifiers(std::string_view left, std::string_view right) {
  const bool left_number = is_number(left);
  const bool right_number = is_number(right);
  if (left_number && right_number) return compare_numbers(left, right);
  // Rule 11.4.3: numeric identifiers sort below others.
  if (left_number != right_number) return right_number <=> left_number;
  return left <=> right;
}

// Takes what follows the last `mark` off `text`; none when there is no mark.
std::optional<std::string_view> cut(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

bool parse_identifiers(std::string_view text, std::vector<std::string>& out,
                       bool numbers_canonical) {
  out = base::split(text, '.');
  for (const auto& part : out) {
    if (!is_identifier(part)) return false;
    if (numbers_canonical && is_number(part) && !is_canonical_number(part)) return false;
  }
  return true;
}

}  // namespace

std::optional<SemVer> SemVer::parse(std::string_view text) {
  if (!text.empty() && (text.front() == 'v' || text.front() == 'V')) text.remove_prefix(1);
  const auto build = cut(text, '+');
  const auto pre_release = cut(text, '-');
  const auto numbers = base::split(text, '.');
  if (numbers.empty() || numbers.size() > 3) return std::nullopt;
  for (const auto& number : numbers) {
    if (!is_canonical_number(number)) return std::nullopt;
  }
  // "1-rc" has no meaning that all implementations agree on.
  if (numbers.size() < 3 && (build || pre_release)) return std::nullopt;
  SemVer version{numbers[0], "0", "0", {}};
  if (numbers.size() > 1) version.minor = numbers[1];
  if (numbers.size() > 2) version.patch = numbers[2];
  if (pre_release && !parse_identifiers(*pre_release, version.pre_release, true))
    return std::nullopt;
  std::vector<std::string> ignored;
  if (build && !parse_identifiers(*build, ignored, false)) return std::nullopt;
  return version;
}

std::strong_ordering SemVer::operator<=>(const SemVer& other) const {
  if (const auto order = compare_numbers(major, other.major); std::is_neq(order)) return order;
  if (const auto order = compare_numbers(minor, other.minor); std::is_neq(order)) return order;
  if (const auto order = compare_numbers(patch, other.patch); std::is_neq(order)) return order;
  if (pre_release.empty() != other.pre_release.empty()) {
    return pre_release.empty() <=> other.pre_release.empty();
  }
  for (std::size_t i = 0; i < pre_release.size() && i < other.pre_release.size(); ++i) {
    const auto order = compare_identifiers(pre_release[i], other.pre_release[i]);
    if (std::is_neq(order)) return order;
  }
  return pre_release.size() <=> other.pre_release.size();
}

std::optional<bool> compare(const SemVer& left, std::string_view operation, const SemVer& right) {
  if (operation == "^") return left.major == right.major;
  if (operation == "~") return left.major == right.major && left.minor == right.minor;
  const auto order = left <=> right;
  if (operation == "=") return std::is_eq(order);
  if (operation == "!=") return std::is_neq(order);
  if (operation == "<") return std::is_lt(order);
  if (operation == "<=") return std::is_lteq(order);
  if (operation == ">") return std::is_gt(order);
  if (operation == ">=") return std::is_gteq(order);
  return std::nullopt;
}

}  // namespace pipeline::toggle
