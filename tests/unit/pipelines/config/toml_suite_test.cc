// The cases of toml-test (https://github.com/toml-lang/toml-test, MIT) for TOML 1.0 over our
// reader: what is valid is read, what is invalid is refused with a place. They are not kept here:
// Debian has a copy of 2022, and TOML_TEST_SUITE names the directory `tests` of another one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "pipelines/config/toml_document.h"

namespace pipeline::config {
namespace {

// Cases that we answer otherwise than the suite, and why.
const std::map<std::string, std::string>& deviations() {
  static const std::map<std::string, std::string> all = {
      {"valid/string/escape-esc.toml", "the escape \\e is of TOML 1.1"}};
  return all;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::filesystem::path suite() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables here
  const char* chosen = std::getenv("TOML_TEST_SUITE");
  if (chosen != nullptr) return chosen;
  return "/usr/share/gocode/src/github.com/BurntSushi/toml/internal/toml-test/tests";
}

// Newer copies say which of their cases are for TOML 1.0.
std::vector<std::string> cases_in(const std::filesystem::path& directory) {
  std::vector<std::string> cases;
  if (std::ifstream names(directory / "files-toml-1.0.0"); names) {
    for (std::string name; std::getline(names, name);) cases.push_back(name);
  } else {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      cases.push_back(entry.path().lexically_relative(directory).string());
    }
  }
  std::erase_if(cases, [](const std::string& name) { return !name.ends_with(".toml"); });
  return cases;
}

// Empty: as the suite has it.
std::string deviation_of(const std::string& name, const std::string& text) {
  Problems problems;
  const auto root = parse_toml(text, problems);
  const auto found = std::move(problems).take();
  if (name.starts_with("valid/")) {
    if (root && found.empty()) return "";
    return found.empty() ? "not read" : "refused: " + found.front().message;
  }
  if (root || found.empty()) return "accepted";
  return found.front().span.line >= 1 && found.front().span.column >= 1 ? "" : "refused nowhere";
}

TEST(TomlSuite, IsAnsweredAsItHasIt) {
  const std::filesystem::path directory = suite();
  if (!std::filesystem::exists(directory / "valid")) {
    GTEST_SKIP() << directory << " is not the directory `tests` of toml-test";
  }
  const std::vector<std::string> cases = cases_in(directory);
  for (const std::string& name : cases) {
    const std::string deviation = deviation_of(name, read(directory / name));
    if (deviations().contains(name)) {
      EXPECT_NE(deviation, "") << name << " is listed, but is as the suite has it";
    } else {
      EXPECT_EQ(deviation, "") << name;
    }
  }
  EXPECT_GT(cases.size(), 300U);
}

}  // namespace
}  // namespace pipeline::config
