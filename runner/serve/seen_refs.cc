#include "runner/serve/seen_refs.h"

#include "pipelines/base/text.h"
#include "stages/host/file.h"

namespace pipeline::serve {

using source::Refs;

Refs branches_and_tags(Refs refs) {
  std::erase_if(refs, [](const auto& ref) {
    return !ref.first.starts_with(kBranches) && !ref.first.starts_with(kTags);
  });
  return refs;
}

std::vector<MovedRef> moved_since(const Refs& seen, const Refs& now) {
  std::vector<MovedRef> moved;
  for (const auto& [name, id] : now) {
    const auto before = seen.find(name);
    const bool was_there = before != seen.end();
    if (!was_there || before->second != id)
      moved.push_back({name, id, was_there ? before->second : std::string()});
  }
  return moved;
}

// A line each: "<id> <name>", as git's packed-refs has it. A line that is none is passed over: its
// ref is looked at once more.
std::optional<Refs> load_seen(const std::filesystem::path& file) {
  const auto text = host::read_file(file);
  if (!text) return std::nullopt;
  Refs refs;
  for (const std::string& line : base::split(*text, '\n')) {
    const auto blank = line.find(' ');
    if (blank != std::string::npos) refs[line.substr(blank + 1)] = line.substr(0, blank);
  }
  return refs;
}

base::Result<> save_seen(const std::filesystem::path& file, const Refs& refs) {
  std::string text;
  for (const auto& [name, id] : refs) text.append(id).append(" ").append(name).append("\n");
  return host::write_file(file, text);
}

}  // namespace pipeline::serve
