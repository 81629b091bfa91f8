#include "stages/artifact/selection.h"

#include <algorithm>
#include <set>

#include "pipelines/base/glob.h"
#include "pipelines/base/size.h"
#include "pipelines/base/text.h"

namespace pipeline::artifact {

using base::ErrorKind;
using workspace::EntryType;
using workspace::ViewEntry;

namespace {

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string quoted(const std::string& path) {
  return "\"" + base::printable(path) + "\"";
}

class Selector {
 public:
  base::Result<> add_glob(std::string_view pattern) {
    while (pattern.ends_with('/')) pattern.remove_suffix(1);
    PIPELINE_ASSIGN(auto glob, base::Glob::compile(pattern));
    globs_.push_back({std::move(glob)});
    return {};
  }

  // For every entry, parents first: whether it belongs to the artifact.
  bool wants(const std::string& path) {
    bool wanted = whole_.contains(parent_of(path));
    for (Pattern& pattern : globs_)
      if (pattern.glob.matches(path)) wanted = pattern.matched = true;
    return wanted;
  }
  // A directory that is wanted is wanted with all that it holds.
  void take_whole(const std::string& directory) { whole_.insert(directory); }

  bool may_be_below(const std::string& directory) const {
    return std::ranges::any_of(globs_,
                               [&](const Pattern& p) { return p.glob.may_match_below(directory); });
  }

  base::Result<> check_all_matched() const {
    for (const Pattern& pattern : globs_)
      if (!pattern.matched)
        return base::fail(
            base::Error(ErrorKind::failed, "nothing matches " + quoted(pattern.glob.pattern()))
                .hint(
                    "the commands must leave it in the workspace; paths are relative to its root"));
    return {};
  }

 private:
  struct Pattern {
    base::Glob glob;
    bool matched = false;
  };
  std::vector<Pattern> globs_;
  std::set<std::string, std::less<>> whole_;
};

base::Result<> check(const ViewEntry& entry) {
  if (entry.type == EntryType::special)
    return base::fail(
        base::Error(ErrorKind::failed, quoted(entry.path) + " is a " + std::string(kind_of(entry)))
            .hint("an artifact holds files, directories and symlinks only"));
  if (entry.type == EntryType::symlink && !stays_inside(entry.path, entry.target))
    return base::fail(base::Error(ErrorKind::failed, "the symlink " + quoted(entry.path) +
                                                         " leads out of the artifact, to " +
                                                         quoted(entry.target))
                          .hint("pack what it points to, or make it relative"));
  return {};
}

base::Result<> check_size(const std::vector<ViewEntry>& entries, std::uint64_t max_bytes) {
  std::uint64_t bytes = 0;
  for (const ViewEntry& entry : entries) {
    if (entry.size > max_bytes - bytes)
      return base::fail(base::Error(ErrorKind::failed,
                                    "the artifact is larger than the disk limit of " +
                                        base::format_size(max_bytes) + ", at " + quoted(entry.path))
                            .hint("raise `sandbox.disk` of the stage, or pack less"));
    bytes += entry.size;
  }
  return {};
}

// Keeps the wanted entries and the directories above them; the list is in order and stays so.
void drop_unwanted(std::vector<ViewEntry>& entries, const std::set<std::string>& wanted) {
  std::set<std::string, std::less<>> needed;
  for (const std::string& path : wanted)
    for (std::string_view up = path; !up.empty() && needed.emplace(up).second;) up = parent_of(up);
  std::erase_if(entries, [&](const ViewEntry& entry) { return !needed.contains(entry.path); });
}

}  // namespace

base::Result<std::vector<ViewEntry>> select(const workspace::MergedView& view,
                                            const std::vector<std::string>& globs,
                                            std::uint64_t max_bytes, Unmatched unmatched) {
  Selector selector;
  for (const std::string& glob : globs) PIPELINE_TRY(selector.add_glob(glob));
  // The walk shows a directory before what is in it, which is what `wants` needs.
  const auto descend = [&](std::string_view directory) {
    const std::string path(directory);
    if (selector.wants(path)) {
      selector.take_whole(path);
      return true;
    }
    return selector.may_be_below(path);
  };
  PIPELINE_ASSIGN(auto entries, view.list("", descend));
  std::set<std::string> wanted;
  for (const ViewEntry& entry : entries) {
    if (!selector.wants(entry.path)) continue;
    PIPELINE_TRY(check(entry));
    wanted.insert(entry.path);
  }
  if (unmatched == Unmatched::refused) PIPELINE_TRY(selector.check_all_matched());
  drop_unwanted(entries, wanted);
  PIPELINE_TRY(check_size(entries, max_bytes));
  return entries;
}

bool stays_inside(std::string_view path, std::string_view target) {
  if (target.empty() || target.starts_with('/')) return false;
  auto depth = std::ranges::count(path, '/');
  bool climbing = true;
  for (const std::string& segment : base::split(target, '/')) {
    if (segment == "..") {
      // A climb after a name may climb out of wherever that name, a symlink itself, led to.
      if (!climbing || depth-- == 0) return false;
    } else if (!segment.empty() && segment != ".") {
      climbing = false;
    }
  }
  return true;
}

}  // namespace pipeline::artifact
