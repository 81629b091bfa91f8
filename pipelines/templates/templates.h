// Starter pipelines for `pipeline init`: the .toml files beside this header, built into the
// program. Every one is parsed by a test. Constants; safe from any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::templates {

struct Template {
  std::string_view name;         // "cpp"
  std::string_view description;  // one line
  std::string_view text;         // the commented pipeline file
  // Files at a repository's root that speak for this template; empty: fits anywhere.
  std::span<const std::string_view> marks;
};

// The text for a repository in a directory of this name: the pipeline is called after it, as far as
// a pipeline's name can be.
std::string text_for(const Template& chosen, std::string_view directory);

// In the order they are offered; the last, "generic", fits anywhere.
std::span<const Template> all();
// Null when there is none of that name.
const Template* find(std::string_view name);

struct Fit {
  const Template* one;
  std::string_view mark;  // the file that speaks for it
};
// Those that a file at the repository's root speaks for, in the order they are offered.
std::vector<Fit> fitting(const std::vector<std::string>& root_entries);

}  // namespace pipeline::templates
