#include "stages/workspace/layer_content.h"

#include "pipelines/base/size.h"
#include "pipelines/base/text.h"

namespace pipeline::workspace {

namespace {

using base::ErrorKind;

std::string quoted(const std::string& path) {
  return "\"" + base::printable(path) + "\"";
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

base::Result<> check(const ViewEntry& entry, const std::string& output) {
  if (entry.type != EntryType::special) return {};
  return base::fail(base::Error(ErrorKind::failed, "output " + quoted(output) + " holds a " +
                                                       std::string(kind_of(entry)) + ": " +
                                                       quoted(entry.path))
                        .hint("only files, directories and symlinks can be handed on"));
}

// The directories on the way to an output, so that the layer can hold it at its place.
base::Result<> add_parents(const MergedView& seen, const std::string& output,
                           LayerContent& content) {
  for (std::string up = parent_of(output); !up.empty(); up = parent_of(up)) {
    PIPELINE_ASSIGN(auto entry, seen.find(up));
    if (entry) content.entries.emplace(up, *std::move(entry));
  }
  return {};
}

// What was below the output and is not any more; of a removed directory only its top.
base::Result<> add_whiteouts(const MergedView& below, const std::string& output,
                             LayerContent& content) {
  PIPELINE_ASSIGN(const auto before, below.list(output));
  for (const ViewEntry& entry : before) {
    if (content.entries.contains(entry.path)) continue;
    const auto parent = content.entries.find(parent_of(entry.path));
    if (parent != content.entries.end() && parent->second.type == EntryType::directory)
      content.whiteouts.insert(entry.path);
  }
  return {};
}

base::Result<> add_output(const MergedView& seen, const std::string& output,
                          LayerContent& content) {
  PIPELINE_ASSIGN(auto top, seen.find(output));
  if (!top)
    return base::fail(
        base::Error(ErrorKind::failed, "output " + quoted(output) + " was not made")
            .hint("the commands must leave it in the workspace, or `outputs` should not name it"));
  PIPELINE_TRY(check(*top, output));
  PIPELINE_TRY(add_parents(seen, output, content));
  const bool directory = top->type == EntryType::directory;
  content.entries.insert_or_assign(output, *std::move(top));
  if (!directory) return {};
  PIPELINE_ASSIGN(auto inside, seen.list(output));
  for (ViewEntry& entry : inside) {
    PIPELINE_TRY(check(entry, output));
    content.entries.insert_or_assign(entry.path, std::move(entry));
  }
  return {};
}

base::Result<> check_size(const LayerContent& content, std::uint64_t max_bytes) {
  std::uint64_t bytes = 0;
  for (const auto& [path, entry] : content.entries) {
    if (entry.size > max_bytes - bytes)
      return base::fail(
          base::Error(ErrorKind::failed, "the outputs are larger than the disk limit of " +
                                             base::format_size(max_bytes) + ", at " + quoted(path))
              .hint("raise `sandbox.disk` of the stage, or hand on less"));
    bytes += entry.size;
  }
  return {};
}

}  // namespace

base::Result<LayerContent> choose_content(const MergedView& seen, const MergedView& below,
                                          const std::vector<std::string>& outputs,
                                          std::uint64_t max_bytes) {
  LayerContent content;
  for (const std::string& output : outputs) PIPELINE_TRY(add_output(seen, output, content));
  PIPELINE_TRY(check_size(content, max_bytes));
  for (const std::string& output : outputs) PIPELINE_TRY(add_whiteouts(below, output, content));
  return content;
}

}  // namespace pipeline::workspace
