// `split`: a number of parts, or a table that says which files are divided among them.
#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

using model::SplitSpec;

constexpr std::uint32_t kMostParts = 64;

Type<std::uint32_t> parts() {
  return count(2, kMostParts);
}

const Table<SplitSpec>& split_table() {
  static const auto the_table = [] {
    Table<SplitSpec> table("split", "a stage that runs in several parts");
    table.key("total", parts(), &SplitSpec::total, "how many parts").required();
    table.key("files", path_glob(), &SplitSpec::files,
              "pattern of the files that are divided among the parts, by how long their tests took "
              "in earlier runs; SPLIT_FILES lists a part's own, one a line");
    return table;
  }();
  return the_table;
}

}  // namespace

bool read_split(const Node& node, std::optional<SplitSpec>& split, Problems& problems) {
  SplitSpec& spec = split.emplace();
  spec.span = node.span;
  if (node.table() != nullptr) return split_table().read(node, spec, problems);
  static const Type<std::uint32_t> total = parts();
  return total.read(node, spec.total, problems);
}

boost::json::object split_schema(Definitions& definitions) {
  return {{"oneOf",
           boost::json::array{parts().schema(definitions), split_table().schema(definitions)}}};
}

}  // namespace pipeline::config
