#include "runner/store/group_turn.h"

#include <algorithm>
#include <charconv>

#include "pipelines/base/text.h"

namespace pipeline::store {

namespace {

using model::Superseded;

constexpr std::string_view kBegun = "begun";
constexpr std::string_view kWaiting = "waiting";
constexpr std::size_t kNamed = 3;

std::string_view word_of(Superseded superseded) {
  switch (superseded) {
    case Superseded::keep:
      return "keep";
    case Superseded::cancel_queued:
      return "cancel-queued";
    case Superseded::cancel_running:
      return "cancel-running";
  }
  return "keep";
}

Superseded superseded_from(std::string_view word) {
  for (const auto one : {Superseded::cancel_queued, Superseded::cancel_running}) {
    if (word == word_of(one)) return one;
  }
  return Superseded::keep;
}

}  // namespace

std::string to_text(const GroupMember& member) {
  return std::to_string(member.run) + ' ' + std::string(member.has_begun ? kBegun : kWaiting) +
         ' ' + std::string(word_of(member.superseded));
}

GroupMember group_member_from(std::string_view text) {
  const std::vector<std::string> words = base::split(text, ' ');
  GroupMember member{.run = 0, .has_begun = true};
  if (words.size() != 3) return member;
  std::from_chars(words[0].data(), words[0].data() + words[0].size(), member.run);
  member.has_begun = words[1] != kWaiting;
  member.superseded = superseded_from(words[2]);
  return member;
}

GroupTurn turn_of(const std::vector<GroupMember>& before, const std::vector<GroupMember>& behind,
                  std::uint32_t limit, HasWaited has_waited) {
  const bool may_begin = before.size() < limit;
  const bool is_queued = !may_begin || has_waited == HasWaited::yes;
  for (const GroupMember& newer : behind) {
    if (newer.superseded == Superseded::cancel_running ||
        (newer.superseded == Superseded::cancel_queued && is_queued)) {
      return GroupSuperseded{newer.run};
    }
  }
  if (may_begin) return GroupBegin{};
  return GroupWait{before};
}

run::RunId ended_by(const std::vector<GroupMember>& behind) {
  const auto newer =
      std::ranges::find(behind, Superseded::cancel_running, &GroupMember::superseded);
  return newer == behind.end() ? 0 : newer->run;
}

std::string describe(const GroupWait& wait, std::string_view group) {
  std::vector<std::string> numbers;
  for (const GroupMember& one : wait.before) numbers.push_back(std::to_string(one.run));
  std::string text = numbers.size() == 1 ? "waiting for run " : "waiting for runs ";
  if (numbers.size() > kNamed) {
    const std::string more = std::to_string(numbers.size() - kNamed) + " more";
    numbers.resize(kNamed);
    text += base::join(numbers, ", ") + " and " + more;
  } else {
    const std::string last = numbers.back();
    numbers.pop_back();
    text += base::join(numbers, ", ") + (numbers.empty() ? "" : " and ") + last;
  }
  return text + " of group " + std::string(group);
}

}  // namespace pipeline::store
