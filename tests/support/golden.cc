#include "tests/support/golden.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "pipelines/base/text.h"

namespace pipeline::support {

namespace fs = std::filesystem;

namespace {

testing::AssertionResult accept(const fs::path& file, std::string_view actual) {
  fs::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary);
  stream << actual;
  stream.close();
  if (!stream) return testing::AssertionFailure() << "cannot write " << file;
  return testing::AssertionSuccess();
}

std::string first_difference(std::string_view expected, std::string_view actual) {
  const auto wanted = base::split(expected, '\n');
  const auto got = base::split(actual, '\n');
  std::size_t line = 0;
  while (line < wanted.size() && line < got.size() && wanted[line] == got[line]) ++line;
  const auto show = [line](const std::vector<std::string>& lines) {
    return line < lines.size() ? "\"" + lines[line] + "\"" : std::string("(end of text)");
  };
  return "line " + std::to_string(line + 1) + "\n  expected " + show(wanted) + "\n  actual   " +
         show(got);
}

}  // namespace

testing::AssertionResult matches_golden(std::string_view name, std::string_view actual) {
  const fs::path file = fs::path("tests/golden") / name;
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") return accept(file, actual);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return testing::AssertionFailure() << "there is no " << file << " below " << fs::current_path()
                                       << "; UPDATE_GOLDEN=1 accepts this text:\n"
                                       << actual;
  }
  const std::string expected{std::istreambuf_iterator<char>(stream), {}};
  if (expected == actual) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "differs from " << file << " at " << first_difference(expected, actual)
         << "\nUPDATE_GOLDEN=1 accepts the actual text:\n"
         << actual;
}

}  // namespace pipeline::support
