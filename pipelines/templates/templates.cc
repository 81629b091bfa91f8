#include "pipelines/templates/templates.h"

#include <algorithm>
#include <array>

#include "pipelines/templates/embedded.h"

namespace pipeline::templates {

namespace {

constexpr std::array<std::string_view, 1> kCppMarks = {"CMakeLists.txt"};

}  // namespace

std::span<const Template> all() {
  static const std::array<Template, 2> kTemplates = {{
      {"cpp", "C++ with CMake and CTest: build, unit tests, package, acceptance", kCpp, kCppMarks},
      {"generic", "any project: build, test, lint, package, acceptance", kGeneric, {}},
  }};
  return kTemplates;
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
