// `when`.
#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

using model::Condition;
using model::NeedsStatus;

Type<std::vector<std::string>> events() {
  return one_or_list_of(choice<std::string>({{"push", "push"},
                                             {"pull_request", "pull_request"},
                                             {"schedule", "schedule"},
                                             {"pipeline", "pipeline"},
                                             {"manual", "manual"}}));
}

// What the needs came to is known only while the run goes; a negation is decided before.
void refuse_status(const Node& node, Problems& problems) {
  if (const Node* status = node.find("status")) {
    problems.error(status->span, "\"status\" cannot be negated",
                   "name the status that is wanted outside of \"not\"");
  }
}

bool read_negated(const Node& node, Condition& condition, Problems& problems) {
  static const auto type = one_or_list_of(table_type(condition_table, "a table of conditions"));
  const bool good = type.read(node, condition.negated, problems);
  refuse_status(node, problems);
  for (const Node& item : node.list() == nullptr ? List{} : *node.list()) {
    refuse_status(item, problems);
  }
  return good;
}

}  // namespace

const Table<Condition>& condition_table() {
  static const auto the_table = [] {
    Table<Condition> table("when", "conditions; all must hold, a list holds if one entry matches");
    table.key("branch", one_or_list_of(glob()), &Condition::branch, "patterns of branch names");
    table.key("tag", one_or_list_of(glob()), &Condition::tag, "patterns of tag names");
    table.key("event", events(), &Condition::event, "what started the run");
    table.key("changed", one_or_list_of(path_glob()), &Condition::changed,
              "patterns of paths, one of which must have changed");
    table.key("param", map_of(variable(), one_or_list_of(scalar_as_text())), &Condition::param,
              "values of parameters");
    table.key("matrix", map_of(variable(), one_or_list_of(scalar_as_text())), &Condition::matrix,
              "values of the job's own cell of the stage's matrix");
    table
        .key("status",
             choice<NeedsStatus>({{"success", NeedsStatus::success},
                                  {"failure", NeedsStatus::failure},
                                  {"always", NeedsStatus::always}}),
             &Condition::status, "what must have become of the stages it needs")
        .fallback("success");
    table.custom_key(
        "not",
        [](Definitions& definitions) {
          return one_or_list_of(table_type(condition_table, "a table")).schema(definitions);
        },
        read_negated, "conditions that must not hold");
    return table;
  }();
  return the_table;
}

}  // namespace pipeline::config
