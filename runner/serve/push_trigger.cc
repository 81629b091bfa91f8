#include "runner/serve/push_trigger.h"

#include <future>

#include "pipelines/base/text.h"
#include "runner/cli/discovery.h"
#include "stages/host/file.h"
#include "stages/source/bare_repository.h"

namespace pipeline::serve {

namespace {

using base::Result;
using run::RunId;

constexpr std::string_view kBranches = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";

// A line each: "<id> <name>", as git's packed-refs has it. A line that is none is passed over: its
// ref is looked at once more.
std::map<std::string, std::string> refs_in(const std::string& text) {
  std::map<std::string, std::string> refs;
  for (const std::string& line : base::split(text, '\n')) {
    const auto blank = line.find(' ');
    if (blank != std::string::npos) refs[line.substr(blank + 1)] = line.substr(0, blank);
  }
  return refs;
}

std::string text_of(const std::map<std::string, std::string>& refs) {
  std::string text;
  for (const auto& [name, id] : refs) text.append(id).append(" ").append(name).append("\n");
  return text;
}

Result<std::vector<std::string>> pipelines_in(source::Source& source,
                                              const source::Revision& revision) {
  PIPELINE_ASSIGN(const auto entries, source.list_files(revision, ""));
  std::vector<std::string> files;
  files.reserve(entries.size());
  for (const auto& entry : entries) files.push_back(entry.path);
  return cli::pipeline_files(files);
}

}  // namespace

void PushTrigger::look(const std::string& repository) {
  const std::scoped_lock guard(mutex_);
  if (const auto started = start_runs(repository); !started)
    tell_("a push to " + repository + ": " + started.error().to_string());
}

Result<> PushTrigger::start_runs(const std::string& repository) {
  PIPELINE_ASSIGN(const Refs now, source::refs_of(paths_.repository(repository)));
  const Refs seen = refs_in(host::read_file(paths_.seen_refs(repository)).value_or(""));
  if (now == seen) return {};
  const auto services = make_services_();
  for (const auto& [name, id] : now) {
    const auto before = seen.find(name);
    if (before != seen.end() && before->second == id) continue;
    const auto started =
        start_runs_of(*services, repository, name, before == seen.end() ? "" : before->second);
    if (!started)
      tell_(base::join({name, " of ", repository, ": ", started.error().to_string()}, ""));
  }
  return host::write_file(paths_.seen_refs(repository), text_of(now));
}

Result<> PushTrigger::start_runs_of(cli::Services& services, const std::string& repository,
                                    const std::string& ref, const std::string& before) {
  PIPELINE_ASSIGN(source::Source* const source, services.source());
  cli::RunOptions options;
  options.tree.repository = paths_.repository(repository).string();
  options.tree.ref = ref;
  options.detach = true;
  PIPELINE_ASSIGN(const source::Revision revision,
                  source->fetch(*options.tree.repository, ref, nullptr));
  cli::EventWish event;
  if (ref.starts_with(kTags)) {
    event.event = cli::EventName::tag;
    event.tag = ref.substr(kTags.size());
  } else {
    event.event = cli::EventName::push;
    event.branch = ref.substr(kBranches.size());
    // Of a branch that is new, or was made anew, it is not known.
    if (!before.empty())
      if (const auto earlier = source->fetch(*options.tree.repository, before, nullptr))
        event.changed = source->changed_paths(revision.repository, earlier->tree, revision.tree)
                            .value_or(std::vector<std::string>());
  }
  PIPELINE_ASSIGN(const std::vector<std::string> files, pipelines_in(*source, revision));
  for (const std::string& file : files) {
    options.tree.pipeline = file;
    start(options, event, base::join({file, " of ", repository, " at ", ref}, ""));
  }
  return {};
}

void PushTrigger::start(cli::RunOptions options, const cli::EventWish& event,
                        const std::string& what) {
  // Whoever pushes finds the run there when git says that it is done.
  const auto begun = std::make_shared<std::promise<Result<RunId>>>();
  runs_.start_if_triggered(std::move(options), event,
                           [begun](const Result<RunId>& run) { begun->set_value(run); });
  const Result<RunId> run = begun->get_future().get();
  if (!run)
    tell_(what + " starts nothing: " + run.error().to_string());
  else if (*run != 0)
    tell_(what + ": run " + std::to_string(*run));
}

}  // namespace pipeline::serve
