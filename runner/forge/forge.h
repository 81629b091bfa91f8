// The programs that host repositories elsewhere and tell of what happens in them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pipeline::forge {

enum class Forge : std::uint8_t { github, gitlab, gitea, forgejo };

inline constexpr std::array kForges = {Forge::github, Forge::gitlab, Forge::gitea, Forge::forgejo};

// As options and the store say it.
constexpr std::string_view to_string(Forge forge) {
  constexpr std::array<std::string_view, kForges.size()> kWords = {"github", "gitlab", "gitea",
                                                                   "forgejo"};
  return kWords.at(static_cast<std::size_t>(forge));
}

constexpr std::optional<Forge> forge_of(std::string_view word) {
  for (const Forge forge : kForges)
    if (to_string(forge) == word) return forge;
  return std::nullopt;
}

// As it calls itself.
constexpr std::string_view title_of(Forge forge) {
  constexpr std::array<std::string_view, kForges.size()> kTitles = {"GitHub", "GitLab", "Gitea",
                                                                    "Forgejo"};
  return kTitles.at(static_cast<std::size_t>(forge));
}

// Where the repository that a pull request goes to has what it brings.
struct PullRequestRefs {
  std::string head;   // its newest commit
  std::string merge;  // that merged into its branch; not there for a conflict, nor at every forge
};

inline PullRequestRefs refs_of_pull_request(Forge forge, std::uint64_t number) {
  const std::string folder =
      (forge == Forge::gitlab ? "refs/merge-requests/" : "refs/pull/") + std::to_string(number);
  return {folder + "/head", folder + "/merge"};
}

}  // namespace pipeline::forge
