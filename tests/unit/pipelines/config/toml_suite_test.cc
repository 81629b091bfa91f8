// The cases of toml-test (https://github.com/toml-lang/toml-test, MIT) for TOML 1.0 over our
// reader: what is valid is read, what is invalid is refused with a place. They are not kept here:
// TOML_TEST_SUITE names the directory `tests` of a copy, and without it the test is skipped.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "pipelines/config/toml_document.h"

namespace pipeline::config {
namespace {

// Cases that we answer otherwise than the suite, and why.
const std::map<std::string, std::string>& deviations() {
  static const std::map<std::string, std::string> all = {};
  return all;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
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
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables here
  const char* directory = std::getenv("TOML_TEST_SUITE");
  if (directory == nullptr) GTEST_SKIP() << "TOML_TEST_SUITE names no copy of toml-test's tests";
  std::ifstream names(std::filesystem::path(directory) / "files-toml-1.0.0");
  ASSERT_TRUE(names) << directory << " is not the directory `tests` of toml-test";
  int cases = 0;
  for (std::string name; std::getline(names, name);) {
    if (!name.ends_with(".toml")) continue;
    ++cases;
    const std::string deviation = deviation_of(name, read(std::filesystem::path(directory) / name));
    if (deviations().contains(name)) {
      EXPECT_NE(deviation, "") << name << " is listed, but is as the suite has it";
    } else {
      EXPECT_EQ(deviation, "") << name;
    }
  }
  EXPECT_GT(cases, 500);
}

}  // namespace
}  // namespace pipeline::config
