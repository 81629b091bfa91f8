#include "pipelines/templates/templates.h"

#include <algorithm>
#include <array>

#include "pipelines/templates/embedded.h"

namespace pipeline::templates {

namespace {

constexpr std::array<std::string_view, 1> kCppMarks = {"CMakeLists.txt"};
constexpr std::array<std::string_view, 3> kMakeMarks = {"GNUmakefile", "makefile", "Makefile"};
constexpr std::array<std::string_view, 1> kMesonMarks = {"meson.build"};
constexpr std::array<std::string_view, 1> kNpmMarks = {"package.json"};
constexpr std::array<std::string_view, 5> kPythonMarks = {"pyproject.toml", "setup.py", "setup.cfg",
                                                          "pytest.ini", "requirements.txt"};
constexpr std::array<std::string_view, 1> kCargoMarks = {"Cargo.toml"};
constexpr std::array<std::string_view, 1> kGoMarks = {"go.mod"};

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
  static const std::array<Template, 8> the_templates = {{
      {"cpp", "C++ with CMake and CTest: build, unit tests, package, acceptance", kCpp, kCppMarks},
      {"make", "a Makefile: build, unit tests, install", kMake, kMakeMarks},
      {"meson", "Meson: build, unit tests, install", kMeson, kMesonMarks},
      {"npm", "Node.js: packages, build, unit tests, lint", kNpm, kNpmMarks},
      {"python", "Python: packages, unit tests, syntax", kPython, kPythonMarks},
      {"cargo", "Rust: crates, build, unit tests", kCargo, kCargoMarks},
      {"go", "Go: modules, build, unit tests, vet", kGo, kGoMarks},
      {"generic", "any project: build, test, lint, package, acceptance", kGeneric, {}},
  }};
  return the_templates;
}

const Template* find(std::string_view name) {
  const auto found = std::ranges::find(all(), name, &Template::name);
  return found == all().end() ? nullptr : &*found;
}

std::vector<Fit> fitting(const std::vector<std::string>& root_entries) {
  std::vector<Fit> found;
  for (const Template& one : all()) {
    const auto mark = std::ranges::find_if(one.marks, [&](std::string_view name) {
      return std::ranges::find(root_entries, name) != root_entries.end();
    });
    if (mark != one.marks.end()) found.push_back({&one, *mark});
  }
  return found;
}

}  // namespace pipeline::templates
