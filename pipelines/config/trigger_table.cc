// [triggers] and [concurrency].
#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"
#include "pipelines/schedule/cron.h"
#include "pipelines/schedule/time_zone.h"

namespace pipeline::config {

namespace {

using model::Concurrency;
using model::MissedFirings;
using model::Schedule;
using model::Superseded;
using model::Triggers;

constexpr std::uint32_t kMostAtATime = 1000;

// The place inside the string, where each of its bytes stands in the file as it is: an escape is
// longer than what it means.
base::SourceSpan place_in(const Node& node, const schedule::CronMistake& mistake) {
  constexpr std::uint32_t kQuotes = 2;
  base::SourceSpan span = node.span;
  if (mistake.length == 0 || span.length != node.text()->size() + kQuotes) return span;
  span.column += static_cast<std::uint32_t>(mistake.at) + 1;
  span.length = static_cast<std::uint32_t>(mistake.length);
  return span;
}

Type<std::string> cron() {
  const std::string expects = R"(a cron expression such as "30 2 * * *")";
  auto read = [expects](const Node& node, std::string& out, Problems& problems) {
    const std::string* text = node.text();
    if (text == nullptr) return report_wrong_type(node, expects, problems);
    const auto parsed = schedule::Cron::parse(*text);
    if (!parsed) {
      const schedule::CronMistake& mistake = parsed.error();
      problems.error(place_in(node, mistake), mistake.what,
                     mistake.hint.empty() ? Problems::Hint() : mistake.hint);
      return false;
    }
    out = *text;
    return true;
  };
  return {expects, std::move(read), [](Definitions&) {
            return boost::json::object{{"type", "string"}, {"minLength", 1}};
          }};
}

base::Result<std::string> parse_zone(std::string_view text) {
  PIPELINE_TRY(schedule::TimeZone::load(text));
  return std::string(text);
}

const Table<Schedule>& schedule_table() {
  static const auto the_table = [] {
    Table<Schedule> table("schedule", "when runs start by the clock");
    table.key("name", name(), &Schedule::name, "what it is called").required();
    table
        .key("cron", cron(), &Schedule::cron,
             "minute hour day-of-month month day-of-week, or @daily and its like")
        .required();
    table
        .key("timezone",
             from_text<std::string>(R"(a time zone such as "Europe/Zurich")", parse_zone,
                                    {{"minLength", 1}}),
             &Schedule::timezone, "whose clocks: the IANA name of a time zone")
        .fallback("UTC");
    table
        .key("missed",
             choice<MissedFirings>({{"run-once", MissedFirings::run_once},
                                    {"skip", MissedFirings::skip},
                                    {"run-all", MissedFirings::run_all}}),
             &Schedule::missed, "what is made up for when nobody was there to start it")
        .fallback("run-once");
    table.key("params", map_of(variable(), scalar_as_text()), &Schedule::params,
              "values of parameters");
    table.at_end([](const Node& node, Schedule& one, Problems& /*problems*/) {
      one.span = Draft::span_of(node, "cron");
    });
    return table;
  }();
  return the_table;
}

const Table<model::Upstream>& upstream_table() {
  using model::Upstream;
  static const auto the_table = [] {
    Table<Upstream> table("pipeline", "another pipeline, whose success starts a run");
    table.key("name", name(), &Upstream::pipeline, "what it is called").required();
    table.key("repository", name(), &Upstream::repository,
              "where it is, as the server calls it; default: this one");
    table.key("branches", list_of(glob(), Empty::refused), &Upstream::branches,
              "patterns of the branches that it ran on; default: all, and tags");
    table.at_end([](const Node& node, Upstream& one, Problems& /*problems*/) {
      one.span = Draft::span_of(node, "name");
    });
    return table;
  }();
  return the_table;
}

struct PullRequest {
  std::vector<std::string> branches;
};

const Table<PullRequest>& pull_request_table() {
  static const auto the_table = [] {
    Table<PullRequest> table("pull_request", "which pull requests start runs");
    table
        .key("branches", list_of(glob(), Empty::refused), &PullRequest::branches,
             "patterns of the branches that they go to")
        .required();
    return table;
  }();
  return the_table;
}

// `true` is every branch, `false` as if it were not there.
bool read_pull_request(const Node& node, Triggers& triggers, Problems& problems) {
  PullRequest wanted;
  if (node.table() != nullptr) {
    if (!pull_request_table().read(node, wanted, problems)) return false;
  } else {
    const bool* all = std::get_if<bool>(&node.value);
    if (all == nullptr) {
      return report_wrong_type(node, "true, false or { branches = [\"main\"] }", problems);
    }
    if (!*all) return true;
    wanted.branches.emplace_back("**");
  }
  triggers.pull_request = std::move(wanted.branches);
  return true;
}

boost::json::object pull_request_schema(Definitions& definitions) {
  return {{"oneOf", boost::json::array{boolean().schema(definitions),
                                       pull_request_table().schema(definitions)}}};
}

}  // namespace

const Table<Triggers>& triggers_table() {
  static const auto the_table = [] {
    Table<Triggers> table("triggers", "what starts runs by itself");
    table.key("push", list_of(glob()), &Triggers::push, "patterns of pushed branches");
    table.key("tag", list_of(glob()), &Triggers::tag, "patterns of pushed tags");
    table
        .custom_key("pull_request", pull_request_schema, read_pull_request,
                    "pull requests, all or those to some branches")
        .fallback(false);
    table.key("paths", list_of(path_glob()), &Triggers::paths,
              "patterns of paths, one of which a push or pull request must change");
    table.key("paths_ignore", list_of(path_glob()), &Triggers::paths_ignore,
              "patterns of paths; a push or pull request that changes nothing else starts nothing");
    table.key("schedule", list_of(table_type(schedule_table, "a schedule")), &Triggers::schedules,
              "by the clock");
    table.key("pipeline", list_of(table_type(upstream_table, "another pipeline")),
              &Triggers::upstreams, "pipelines, whose success starts a run");
    return table;
  }();
  return the_table;
}

const Table<Concurrency>& concurrency_table() {
  static const auto the_table = [] {
    Table<Concurrency> table("concurrency", "which runs may go on beside each other");
    table
        .key("group", run_key(), &Concurrency::group,
             "runs of this repository that have it in common; may hold {branch}, {tag}, {commit}, "
             "{event} and {param.NAME}")
        .required();
    table.key("limit", count(1, kMostAtATime), &Concurrency::limit, "how many at a time")
        .fallback(1);
    table
        .key("superseded",
             choice<Superseded>({{"keep", Superseded::keep},
                                 {"cancel-queued", Superseded::cancel_queued},
                                 {"cancel-running", Superseded::cancel_running}}),
             &Concurrency::superseded,
             "what becomes of older runs of the group when a new one comes: all wait their turn, "
             "those that wait are cancelled, or those that run as well")
        .fallback("keep");
    table.at_end([](const Node& node, Concurrency& one, Problems& /*problems*/) {
      one.span = Draft::span_of(node, "group");
    });
    return table;
  }();
  return the_table;
}

}  // namespace pipeline::config
