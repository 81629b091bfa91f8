#include "stages/report/source_place.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace pipeline::report {

namespace {

// So that "example.com:443" is no place in a file.
constexpr std::array<std::string_view, 56> kSourceEndings = {
    "ada",  "bash",   "bats", "bzl",  "c",   "cc",  "cjs",   "clj",  "cljs",    "cpp",
    "cs",   "cxx",    "d",    "dart", "erl", "ex",  "exs",   "f90",  "feature", "fs",
    "go",   "groovy", "h",    "hh",   "hpp", "hs",  "inl",   "java", "jl",      "js",
    "jsx",  "kt",     "kts",  "lua",  "m",   "mjs", "ml",    "mm",   "nim",     "php",
    "phpt", "pl",     "pm",   "py",   "r",   "rb",  "robot", "rs",   "scala",   "sh",
    "sql",  "swift",  "t",    "ts",   "tsx", "zig"};

bool is_file_character(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.' || byte == '/' ||
         byte == '\\' || byte == '+' || byte == '@' || static_cast<unsigned char>(byte) >= 0x80;
}

bool is_source(std::string_view file) {
  const auto dot = file.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  return std::ranges::find(kSourceEndings, file.substr(dot + 1)) != kSourceEndings.end();
}

std::string_view base_name(std::string_view file) {
  const auto slash = file.find_last_of("/\\");
  return slash == std::string_view::npos ? file : file.substr(slash + 1);
}

// The number that stands between a file's name and a line's: ":12", "(12", "\", line 12".
std::uint32_t line_after(std::string_view text) {
  for (const std::string_view mark : {"\", line ", ", line ", " line ", ":", "("}) {
    if (!text.starts_with(mark)) continue;
    text.remove_prefix(mark.size());
    std::uint32_t line = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), line);
    return error == std::errc() ? line : 0;
  }
  return 0;
}

}  // namespace

std::optional<SourcePlace> find_place(std::string_view text, std::string_view file) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto begin =
        std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_file_character);
    const auto end = std::find_if_not(begin, text.end(), is_file_character);
    const std::string_view word(begin, end);
    at = static_cast<std::size_t>(end - text.begin());
    if (!is_source(word) || (!file.empty() && base_name(word) != base_name(file))) continue;
    if (const std::uint32_t line = line_after(text.substr(at)); line > 0) {
      return SourcePlace{std::string(word), line};
    }
  }
  return std::nullopt;
}

}  // namespace pipeline::report
