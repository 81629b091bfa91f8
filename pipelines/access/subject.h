// Who is named where people are: in a grant, or as an approver in a pipeline file. Pure.
#pragma once

#include <string>
#include <string_view>

namespace pipeline::access {

struct Subject {
  enum class Kind { user, group };
  Kind kind = Kind::user;
  std::string name;
  bool operator==(const Subject&) const = default;
};

inline constexpr std::string_view kUserPrefix = "user:";
inline constexpr std::string_view kGroupPrefix = "group:";

// "user:ann" and "group:release"; a name alone is a user's.
inline Subject parse_subject(std::string_view text) {
  if (text.starts_with(kGroupPrefix))
    return {Subject::Kind::group, std::string(text.substr(kGroupPrefix.size()))};
  if (text.starts_with(kUserPrefix)) text.remove_prefix(kUserPrefix.size());
  return {Subject::Kind::user, std::string(text)};
}

// "ann", "group:release".
inline std::string to_string(const Subject& subject) {
  if (subject.kind == Subject::Kind::user) return subject.name;
  return std::string(kGroupPrefix) + subject.name;
}

}  // namespace pipeline::access
