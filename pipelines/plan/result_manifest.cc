#include "pipelines/plan/result_manifest.h"

#include <charconv>
#include <map>
#include <optional>

#include "pipelines/base/text.h"

namespace pipeline::plan {

namespace {

using base::Result;

constexpr std::size_t kWidestValue = 30;

void write_field(std::string_view field, std::string& text) {
  text += std::to_string(field.size());
  text += ':';
  text += field;
}

std::optional<std::string> read_field(std::string_view& text) {
  std::size_t size = 0;
  const char* const end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, size);
  if (error != std::errc() || colon == end || *colon != ':') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(colon - text.data()) + 1);
  if (size > text.size()) return std::nullopt;
  std::string field(text.substr(0, size));
  text.remove_prefix(size);
  return field;
}

using Key = std::pair<std::string, std::string>;  // kind, name
using ByKey = std::map<Key, std::string>;

ByKey by_key(const ResultManifest& manifest) {
  ByKey lines;
  for (const ManifestLine& line : manifest) lines[{line.kind, line.name}] = line.value;
  return lines;
}

std::string subject(const Key& key) {
  const auto& [kind, name] = key;
  if (kind == "file") return base::printable(name);
  return name.empty() ? "the " + kind : kind + " " + base::printable(name);
}

std::string quoted(const std::string& value) {
  return '"' + base::elide(base::printable(value), kWidestValue) + '"';
}

std::string changed(const Key& key, const std::string& before, const std::string& now) {
  const std::string text = subject(key);
  if (key.first != "variable") return text + " changed";
  return text + " was " + quoted(before) + ", is " + quoted(now);
}

}  // namespace

std::string to_text(const ResultManifest& manifest) {
  std::string text;
  for (const ManifestLine& line : manifest) {
    write_field(line.kind, text);
    write_field(line.name, text);
    write_field(line.value, text);
  }
  return text;
}

Result<ResultManifest> manifest_from(std::string_view text) {
  ResultManifest manifest;
  while (!text.empty()) {
    auto kind = read_field(text);
    auto name = kind ? read_field(text) : std::nullopt;
    auto value = name ? read_field(text) : std::nullopt;
    if (!value) return base::fail(base::ErrorKind::corrupt, "this is no manifest of a result");
    manifest.push_back({*std::move(kind), *std::move(name), *std::move(value)});
  }
  return manifest;
}

std::vector<std::string> differences(const ResultManifest& before, const ResultManifest& now,
                                     std::size_t most) {
  const ByKey then = by_key(before);
  const ByKey later = by_key(now);
  std::vector<std::string> all;
  for (const auto& [key, value] : later) {
    const auto earlier = then.find(key);
    if (earlier == then.end()) {
      all.push_back(subject(key) + " is new");
    } else if (earlier->second != value) {
      all.push_back(changed(key, earlier->second, value));
    }
  }
  for (const auto& [key, value] : then) {
    if (!later.contains(key)) all.push_back(subject(key) + " is gone");
  }
  if (all.size() > most) {
    const std::size_t more = all.size() - most;
    all.resize(most);
    all.push_back(std::to_string(more) + " more");
  }
  return all;
}

}  // namespace pipeline::plan
