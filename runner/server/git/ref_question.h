// What git asks us before it moves a ref that somebody pushed, and how: its `update` hook
// (githooks(5)), which is ours, writes a line to a socket that git got from us, and waits for the
// answer. By then what was pushed is in the repository, so a commit that is not taken can be kept.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::server {

struct RefQuestion {
  std::string ref;     // "refs/heads/main"
  std::string before;  // empty: it is made
  std::string after;   // empty: it is deleted
  bool operator==(const RefQuestion&) const = default;
};

struct RefAnswer {
  bool is_taken = true;
  std::vector<std::string> said{};  // sentences for whoever pushes
};

// The number of the socket in the hook.
inline constexpr int kQuestionDescriptor = 3;

// Writes the hooks into a directory of their own; a repository's own ones are called by them.
// Idempotent.
base::Result<> install_hooks(const std::filesystem::path& directory);

// A line of the hook, without its end; none when it is no question.
std::optional<RefQuestion> question_in(std::string_view line);
// The lines that the hook waits for.
std::string text_of(const RefAnswer& answer);

}  // namespace pipeline::server
