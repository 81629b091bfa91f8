#include "runner/settings/reference.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cctype>

#include "pipelines/base/text.h"
#include "runner/settings/server_tables.h"

namespace pipeline::settings {

namespace {

constexpr const char* kIntroduction = R"(# server.toml

Every setting of `pipeline serve`. The file is `server.toml` in the directory that `--data` names, or what `--config` names; it
need not be there. What an option of the command line says wins over it.

    pipeline serve --data DIR --check          whether a server could start with it, and what is wrong
    pipeline schema server > server.schema.json    for editors

Durations are written "45s", "10m", "1h30m" or "30d", sizes "512KiB" or "1GB". When the server gets SIGHUP (`systemctl reload`) it
reads the file again; a file with a mistake changes nothing. This page is made from the program's own declarations.
)";

std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, "\\");
  return text;
}

std::string default_of(const config::Key& key) {
  if (key.fallback()) return "`" + boost::json::serialize(*key.fallback()) + "`";
  return key.is_required() ? "has to be there" : "none";
}

std::string row(const config::Key& key) {
  return "| `" + key.name() + "` | " + cell(key.expects()) + " | " + cell(default_of(key)) + " | " +
         cell(key.description()) + " |\n";
}

constexpr const char* kHead = "\n| key | takes | default | what it says |\n|---|---|---|---|\n";

std::string holds(const Part& part) {
  return part.holds == Holds::at_reload ? "A change holds when the file is read again."
                                        : "A change holds when the server is started again.";
}

std::string section(const Part& part) {
  std::string text = "\n## [" + part.name + "]\n\n" + part.table->description() + ". " +
                     holds(part) + "\n" + kHead;
  // As a sentence.
  const auto start = text.find("\n\n") + 2;
  text[start] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[start])));
  for (const config::Key& key : part.table->keys()) text += row(key);
  return text;
}

const config::Key& key_named(const std::string& name) {
  return *std::ranges::find(server_table().keys(), name, &config::Key::name);
}

}  // namespace

std::string settings_reference() {
  std::string keys;
  std::string sections;
  for (const Part& part : parts()) {
    if (part.table == nullptr) {
      keys += row(key_named(part.name));
    } else {
      sections += section(part);
    }
  }
  return base::join({kIntroduction, "\n## At the top\n", kHead, keys, sections}, "");
}

}  // namespace pipeline::settings
