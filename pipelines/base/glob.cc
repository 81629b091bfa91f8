#include "pipelines/base/glob.h"

#include <optional>

#include "pipelines/base/text.h"

namespace pipeline::base {

namespace {

constexpr std::size_t kLongestPattern = 4096;
constexpr std::size_t kMostAlternatives = 1000;
constexpr auto kNone = std::string_view::npos;

// Where the set that opens at `open` ends (one past its ']'); kNone when it is not closed in its
// path segment.
std::size_t end_of_set(std::string_view pattern, std::size_t open) {
  std::size_t at = open + 1;
  if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) ++at;
  for (const std::size_t first = at; at < pattern.size() && pattern[at] != '/'; ++at) {
    if (pattern[at] == ']' && at != first) return at + 1;
    if (pattern[at] == '\\') ++at;
  }
  return kNone;
}

// One past the token at `at`: a quoted character, a set, or a single character; kNone when it has
// no end.
std::size_t end_of_token(std::string_view pattern, std::size_t at) {
  if (pattern[at] == '[') return end_of_set(pattern, at);
  if (pattern[at] != '\\') return at + 1;
  const bool quotes_something = at + 1 < pattern.size() && pattern[at + 1] != '/';
  return quotes_something ? at + 2 : kNone;
}

// The first brace group of a pattern, as positions. All tokens before its end are known to be
// complete.
struct Braces {
  std::size_t open = kNone;
  std::size_t close = kNone;
  std::vector<std::size_t> separators;  // the open brace, each comma of this group, the close brace
};

Result<std::optional<Braces>> find_braces(std::string_view pattern) {
  Braces braces;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '{' && ++depth == 1 && braces.open == kNone) {
      braces.open = at;
      braces.separators.push_back(at);
    } else if (c == ',' && depth == 1) {
      braces.separators.push_back(at);
    } else if (c == '}' && depth > 0 && --depth == 0) {
      braces.separators.push_back(at);
      braces.close = at;
      return braces;
    }
    at = end_of_token(pattern, at);
    if (at == kNone) {
      return fail(ErrorKind::invalid, "a set or a quoted character in the pattern has no end");
    }
  }
  if (depth > 0) return fail(ErrorKind::invalid, "a brace in the pattern is not closed");
  return std::nullopt;
}

Result<std::vector<std::string>> expand_braces(std::string_view pattern) {
  std::vector<std::string> done;
  std::vector<std::string> pending = {std::string(pattern)};  // last one first
  while (!pending.empty()) {
    if (done.size() + pending.size() > kMostAlternatives) {
      return fail(ErrorKind::invalid, "the pattern's braces stand for more than 1000 patterns");
    }
    const std::string next = std::move(pending.back());
    pending.pop_back();
    PIPELINE_ASSIGN(const auto braces, find_braces(next));
    if (!braces) {
      done.push_back(next);
      continue;
    }
    for (std::size_t i = braces->separators.size() - 1; i > 0; --i) {
      const std::size_t first = braces->separators[i - 1] + 1;
      pending.push_back(next.substr(0, braces->open) +
                        next.substr(first, braces->separators[i] - first) +
                        next.substr(braces->close + 1));
    }
  }
  return done;
}

bool set_contains(std::string_view set, char c) {
  const auto byte = [](char value) { return static_cast<unsigned char>(value); };
  std::size_t at = 1;
  const bool negated = set[at] == '!' || set[at] == '^';
  if (negated) ++at;
  const auto take = [&] {
    if (set[at] == '\\') ++at;
    return byte(set[at++]);
  };
  bool found = false;
  while (at + 1 < set.size()) {
    const unsigned char first = take();
    unsigned char last = first;
    if (set[at] == '-' && at + 2 < set.size()) {
      ++at;
      last = take();
    }
    found = found || (byte(c) >= first && byte(c) <= last);
  }
  return found != negated;
}

bool token_matches(std::string_view token, char c) {
  switch (token.front()) {
    case '?':
      return true;
    case '[':
      return set_contains(token, c);
    case '\\':
      return token[1] == c;
    default:
      return token.front() == c;
  }
}

// Each token but `*` takes exactly one character, so it is enough to go back to the last `*`: what
// stands before it matched as early as possible already.
bool segment_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = kNone;  // one past the last `*` seen
  std::size_t star_text = 0;
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    if (t == text.size()) return false;
    const std::size_t end = p < pattern.size() ? end_of_token(pattern, p) : kNone;
    if (end != kNone && token_matches(pattern.substr(p, end - p), text[t])) {
      p = end;
      ++t;
      continue;
    }
    if (star == kNone) return false;
    p = star;
    t = ++star_text;
  }
  return true;
}

std::string_view head(std::string_view path) {
  return path.substr(0, path.find('/'));
}

std::optional<std::string_view> tail(std::string_view path) {
  const auto slash = path.find('/');
  if (slash == kNone) return std::nullopt;
  return path.substr(slash + 1);
}

using Segments = std::vector<std::string>;

// As segment_matches, one level up: segments are the tokens, `**` is the star.
bool segments_match(const Segments& pattern, std::string_view path) {
  std::optional<std::string_view> rest = path;
  std::optional<std::string_view> star_rest;
  std::size_t p = 0;
  std::size_t star = kNone;
  while (rest || p < pattern.size()) {
    if (p < pattern.size() && pattern[p] == "**") {
      star = ++p;
      star_rest = rest;
      continue;
    }
    if (!rest) return false;
    if (p < pattern.size() && segment_matches(pattern[p], head(*rest))) {
      ++p;
      rest = tail(*rest);
      continue;
    }
    if (star == kNone) return false;
    star_rest = tail(*star_rest);  // present: `rest` is a part of it
    rest = star_rest;
    p = star;
  }
  return true;
}

bool segments_reach_below(const Segments& pattern, std::string_view directory) {
  std::optional<std::string_view> rest = directory;
  for (const auto& segment : pattern) {
    if (!rest || segment == "**") return true;
    if (!segment_matches(segment, head(*rest))) return false;
    rest = tail(*rest);
  }
  return false;
}

}  // namespace

Result<Glob> Glob::compile(std::string_view pattern) {
  if (pattern.empty()) return fail(ErrorKind::invalid, "the pattern is empty");
  if (pattern.size() > kLongestPattern) {
    return fail(ErrorKind::invalid, "the pattern is longer than 4 KiB");
  }
  Glob glob{std::string(pattern)};
  PIPELINE_ASSIGN(const auto alternatives, expand_braces(pattern));
  for (const auto& alternative : alternatives) {
    glob.alternatives_.push_back(split(alternative, '/'));
  }
  return glob;
}

bool Glob::matches(std::string_view path) const {
  return std::ranges::any_of(alternatives_, [path](const Segments& alternative) {
    return segments_match(alternative, path);
  });
}

bool Glob::may_match_below(std::string_view directory) const {
  if (directory.empty()) return true;
  return std::ranges::any_of(alternatives_, [directory](const Segments& alternative) {
    return segments_reach_below(alternative, directory);
  });
}

}  // namespace pipeline::base
