#include "pipelines/templates/templates.h"

#include <algorithm>
#include <array>

#include "pipelines/templates/embedded.h"

namespace pipeline::templates {

namespace {

constexpr std::array<std::string_view, 1> kCppMarks = {"CMakeLists.txt"};

constexpr std::string_view kNameLine = "name = \"my-project\"\n";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// By the rule for names (pipelines/config/formats.cc); empty when nothing is left.
std::string as_name(std::string_view directory) {
  constexpr std::size_t kLongest = 64;
  std::string name;
  for (const char c : directory) {
    if (is_letter_or_digit(c) || ((c == '.' || c == '_') && !name.empty())) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name.resize(std::min(name.size(), kLongest));
  while (!name.empty() && !is_letter_or_digit(name.back())) name.pop_back();
  return name;
}

}  // namespace

std::string text_for(const Template& chosen, std::string_view directory) {
  std::string text(chosen.text);
  const std::string name = as_name(directory);
  if (const auto at = text.find(kNameLine); at != std::string::npos && !name.empty()) {
    text.replace(at, kNameLine.size(), "name = \"" + name + "\"\n");
  }
  return text;
}

std::span<const Template> all() {
  static const std::array<Template, 2> the_templates = {{
      {"cpp", "C++ with CMake and CTest: build, unit tests, package, acceptance", kCpp, kCppMarks},
      {"generic", "any project: build, test, lint, package, acceptance", kGeneric, {}},
  }};
  return the_templates;
}

const Template* find(std::string_view name) {
  const auto found = std::ranges::find(all(), name, &Template::name);
  return found == all().end() ? nullptr : &*found;
}

const Template& suggest(const std::vector<std::string>& root_entries) {
  const auto speaks_for = [&](const Template& one) {
    return std::ranges::any_of(one.marks, [&](std::string_view mark) {
      return std::ranges::find(root_entries, mark) != root_entries.end();
    });
  };
  const auto found = std::ranges::find_if(all(), speaks_for);
  return found == all().end() ? all().back() : *found;
}

}  // namespace pipeline::templates
