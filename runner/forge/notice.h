// What a forge tells of a repository. Plain values of a stranger's making: signed, but never
// believed for what is in a repository.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace pipeline::forge {

// Somebody has set the webhook up, or tries it.
struct Ping {
  bool operator==(const Ping&) const = default;
};

struct BranchPush {
  std::string branch;
  std::string before;  // commits; empty where there was, or is, none
  std::string after;
  bool operator==(const BranchPush&) const = default;
};

struct TagPush {
  std::string tag;
  std::string before;  // objects; empty where there was, or is, none
  std::string after;
  bool operator==(const TagPush&) const = default;
};

enum class PullRequestChange { opened, updated, closed };

struct PullRequest {
  std::uint64_t number = 0;
  PullRequestChange change = PullRequestChange::opened;
  std::string head{};      // commit
  std::string branch{};    // whose newest commit that is, in its own repository
  std::string target{};    // the branch that it goes to
  bool from_fork = false;  // or from who knows where: it is not a branch of the repository itself
  bool operator==(const PullRequest&) const = default;
};

// It is about something else.
struct PassedOver {
  std::string why;  // a clause: `the event "star" starts nothing`
  bool operator==(const PassedOver&) const = default;
};

using Notice = std::variant<Ping, BranchPush, TagPush, PullRequest, PassedOver>;

// For a person: "a push to branch main", "pull request 7 to branch main, updated". Printable,
// whatever the forge sent.
std::string describe(const Notice& notice);

}  // namespace pipeline::forge
