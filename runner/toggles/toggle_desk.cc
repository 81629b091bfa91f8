#include "runner/toggles/toggle_desk.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "pipelines/toggle/flag_file.h"
#include "stages/host/hash.h"

namespace pipeline::toggles {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using deploy::EnvironmentKey;

std::string name_of(const EnvironmentKey& key) {
  return key.pipeline + "/" + key.environment;
}

Result<rollout::EnvironmentRecord> record_of(deploy::Journal& journal, const EnvironmentKey& key) {
  PIPELINE_ASSIGN(const auto entries, journal.read(key));
  if (entries.empty())
    return base::fail(ErrorKind::not_found, "nothing was ever deployed to " + name_of(key));
  return rollout::fold(entries);
}

// Parts are told apart by their lengths.
void add(host::Sha256& hash, std::string_view part) {
  hash.update(std::to_string(part.size()) + ":");
  hash.update(part);
}

std::string revision_of(const FlagsInService& flags, std::string_view text) {
  host::Sha256 hash;
  add(hash, std::to_string(flags.release));
  add(hash, flags.path);
  add(hash, text);
  for (const auto& [flag, setting] : flags.settings) {
    add(hash, flag);
    add(hash, setting.value);
  }
  return hash.finish().hex().substr(0, 32);
}

Error no_such_flag(const FlagsInService& flags, const std::string& flag) {
  if (flags.release == 0)
    return Error(ErrorKind::invalid, "nothing serves in " + name_of(flags.key) + " now")
        .hint("a toggle is one of the release that serves");
  std::vector<std::string> keys;
  for (const auto& [key, ignored] : flags.file->flags) keys.push_back(key);
  const auto near = base::nearest(flag, keys);
  return Error(ErrorKind::invalid, "release " + std::to_string(flags.release) + " of " +
                                       name_of(flags.key) + " has no toggle \"" +
                                       base::printable(flag) + '"')
      .hint(near           ? "did you mean \"" + *near + "\"?"
            : keys.empty() ? "`toggles` of the environment names the flag file it is served"
                           : "it has: " + base::join(keys, ", "));
}

Error no_such_variant(const toggle::Flag& flag, const std::string& value) {
  std::vector<std::string> names;
  for (const auto& [name, ignored] : flag.variants) names.push_back(name);
  return Error(ErrorKind::invalid,
               "toggle " + flag.key + " has no variant \"" + base::printable(value) + '"')
      .hint("it has: " + base::join(names, ", "));
}

}  // namespace

Result<Version> ToggleDesk::version() {
  Version version;
  PIPELINE_ASSIGN(version.journal, journal_.newest());
  PIPELINE_ASSIGN(version.settings, store_.newest());
  return version;
}

Result<std::string> ToggleDesk::owner(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(const auto record, record_of(journal_, key));
  return record.repository;
}

Result<FlagsInService> ToggleDesk::look(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(const auto record, record_of(journal_, key));
  FlagsInService flags{.key = key};
  PIPELINE_ASSIGN(flags.settings, store_.settings(key));
  const rollout::Release* const current = record.find(record.current);
  if (current != nullptr) flags.release = current->number;
  std::string text;
  if (current != nullptr && current->environment.toggles) {
    flags.path = *current->environment.toggles;
    const auto read = text_of(key, *current);
    if (!read && read.error().kind() != ErrorKind::invalid) return base::fail(read.error());
    text = read.value_or("");
    flags.file = read ? toggle::read_flags(text) : base::fail(read.error());
  }
  if (flags.file) flags.served = toggle::with_settings(*flags.file, flags.settings);
  flags.revision = revision_of(flags, text);
  return flags;
}

// A number names one release for ever: its file is read from its tree once.
Result<std::string> ToggleDesk::text_of(const EnvironmentKey& key,
                                        const rollout::Release& release) {
  PIPELINE_ASSIGN(auto kept, store_.file(key));
  if (kept && kept->release == release.number) return std::move(kept->text);
  source::Revision revision;
  revision.repository = release.repository;
  revision.tree = release.tree;
  const std::string& path = *release.environment.toggles;
  auto text = source_.read_file(revision, path);
  if (!text && text.error().kind() == ErrorKind::not_found)
    return base::fail(ErrorKind::invalid, "the flag file " + path +
                                              " is not in the tree of release " +
                                              std::to_string(release.number));
  if (!text) return base::during(std::move(text), "read the flag file " + path);
  PIPELINE_TRY(store_.keep_file(key, {.release = release.number, .text = *text}));
  return text;
}

Result<std::optional<toggle::Setting>> ToggleDesk::set(const EnvironmentKey& key,
                                                       const std::string& flag,
                                                       const std::string& value,
                                                       const std::string& by) {
  PIPELINE_ASSIGN(const FlagsInService flags, look(key));
  if (!flags.file) return base::fail(flags.file.error());
  const toggle::Flag* const found = flags.file->find(flag);
  if (found == nullptr) return base::fail(no_such_flag(flags, flag));
  if (!toggle::variant_meant(*found, value)) return base::fail(no_such_variant(*found, value));
  return store_.change(key, {.flag = flag, .value = value, .by = by, .at = clock_.now()});
}

Result<toggle::Setting> ToggleDesk::clear(const EnvironmentKey& key, const std::string& flag,
                                          const std::string& by) {
  PIPELINE_TRY(record_of(journal_, key));
  PIPELINE_ASSIGN(const auto settings, store_.settings(key));
  const auto set = settings.find(flag);
  if (set == settings.end())
    return base::fail(Error(ErrorKind::invalid, "toggle " + base::printable(flag) + " of " +
                                                    name_of(key) + " is not set to anything")
                          .hint("pipeline toggle list shows what is set"));
  PIPELINE_TRY(
      store_.change(key, {.flag = flag, .value = std::nullopt, .by = by, .at = clock_.now()}));
  return set->second;
}

}  // namespace pipeline::toggles
