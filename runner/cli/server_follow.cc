#include "runner/cli/server_follow.h"

#include <unistd.h>

#include <chrono>
#include <map>
#include <thread>

#include "pipelines/run/event_json.h"
#include "runner/cli/display.h"
#include "runner/cli/log_tail.h"
#include "runner/cli/run_place.h"
#include "runner/cli/wait_lookout.h"
#include "runner/engine/stored_plan.h"

namespace pipeline::cli {

namespace {

using base::Result;

constexpr std::chrono::seconds kPause{1};  // before a connection is made again

// The last lines of jobs for a display that asks ten times a second. On a connection of its own:
// the other one is busy with the events.
class RemoteTail {
 public:
  RemoteTail(run::RunId id, RunPlace place)
      : place_(std::move(place)), tail_(log_tail_of(*place_.runs, id)) {}

  std::vector<std::string> lines(const std::string& job, std::uint32_t attempt, std::size_t count) {
    const auto now = std::chrono::steady_clock::now();
    Known& known = known_[{job, attempt, count}];
    if (known.until > now) return known.lines;
    known = {now + kFresh, tail_(job, attempt, count)};
    return known.lines;
  }

 private:
  static constexpr std::chrono::seconds kFresh{1};
  struct Known {
    std::chrono::steady_clock::time_point until;
    std::vector<std::string> lines;
  };

  RunPlace place_;
  render::LogTail tail_;
  std::map<std::tuple<std::string, std::uint32_t, std::size_t>, Known> known_;
};

class Followed {
 public:
  Followed(run::RunId id, const ServerChoice& server, Format format, RemoteTail& tail,
           ServerClient for_waits, Context& context)
      : id_(id),
        format_(format),
        tail_(tail),
        display_(context.console, format, context.services.clock(), commands_of(server),
                 render::CtrlC::leaves),
        lookout_(id, std::move(for_waits),
                 [this](const std::string& job, const std::string& reason) {
                   display_.on_waiting(job, reason);
                 }) {}

  Result<> begin_after(const std::vector<run::Event>& history) {
    if (history.empty()) return {};
    seen_ = history.back().sequence;
    PIPELINE_TRY(take_plan(history.front()));
    return show(history);
  }

  Result<> on_event(std::string_view line) {
    PIPELINE_ASSIGN(const run::Event event, run::event_from_json(line));
    seen_ = event.sequence;
    display_.on_event(event);
    const auto* const queued = std::get_if<run::JobQueued>(&event.body);
    // A program is told of events alone.
    if (queued != nullptr && format_ == Format::text) lookout_.expect(queued->job);
    if (std::holds_alternative<run::RunCreated>(event.body)) {
      PIPELINE_TRY(take_plan(event));
      PIPELINE_TRY(show({}));
    }
    if (std::holds_alternative<run::RunRetried>(event.body)) status_.reset();
    if (const auto* const finished = std::get_if<run::RunFinished>(&event.body))
      status_ = finished->status;
    return {};
  }

  std::uint64_t seen() const { return seen_; }
  std::optional<run::RunStatus> status() const { return status_; }
  void finish() { display_.finish(); }
  void leave() { display_.leave(); }

 private:
  Result<> take_plan(const run::Event& first) {
    const auto* const created = std::get_if<run::RunCreated>(&first.body);
    if (created == nullptr)
      return base::fail(base::ErrorKind::corrupt,
                        "run " + std::to_string(id_) + " has no beginning");
    PIPELINE_ASSIGN(plan_, engine::plan_of(created->spec));
    return {};
  }
  Result<> show(const std::vector<run::Event>& history) {
    return display_.show(id_, plan_, history,
                         [this](const std::string& job, std::uint32_t attempt, std::size_t count) {
                           return tail_.lines(job, attempt, count);
                         });
  }

  const run::RunId id_;
  const Format format_;
  RemoteTail& tail_;
  plan::Plan plan_;
  Display display_;
  std::uint64_t seen_ = 0;
  std::optional<run::RunStatus> status_;
  WaitLookout lookout_;  // last: it uses the display
};

std::string how_to_come_back(run::RunId id, const ServerChoice& server) {
  const std::string number = std::to_string(id);
  const render::CommandPlace place = commands_of(server);
  return "\nrun " + number + " goes on; " + place.command("attach", number) +
         " comes back to it, " + place.command("cancel", number) + " stops it\n";
}

}  // namespace

Result<std::unique_ptr<ServerFollower>> ServerFollower::make(const ServerChoice& server,
                                                             Context& context) {
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open(server));
  std::unique_ptr<ServerFollower> made(new ServerFollower(server, std::move(client), context));
  PIPELINE_ASSIGN(made->interrupts_, Interrupts::watch([made = made.get()](int count) {
                    if (count > 1) ::_exit(ExitCode::cancelled);
                    made->is_left_ = true;
                    made->client_.cancel();
                  }));
  return made;
}

Outcome ServerFollower::follow(run::RunId id, const std::vector<run::Event>& history,
                               Format format) {
  PIPELINE_ASSIGN(RunPlace for_logs, open_run_place(server_, context_));
  PIPELINE_ASSIGN(ServerClient for_waits, ServerClient::open(server_));
  RemoteTail tail(id, std::move(for_logs));
  Followed followed(id, server_, format, tail, std::move(for_waits), context_);
  PIPELINE_TRY(followed.begin_after(history));
  while (!followed.status() && !is_left_) {
    Result<> understood;
    const auto heard = client_.follow(
        "/runs/" + std::to_string(id) + "/events?after=" + std::to_string(followed.seen()),
        [&](std::string_view line) {
          understood = followed.on_event(line);
          return understood.has_value();
        });
    PIPELINE_TRY(understood);
    if (is_left_) break;
    if (!heard && heard.error().kind() != base::ErrorKind::unavailable)
      return base::fail(heard.error());
    if (!heard) std::this_thread::sleep_for(kPause);
  }
  if (is_left_) {
    followed.leave();
    context_.console.err.write(how_to_come_back(id, server_));
    return ExitCode::cancelled;
  }
  followed.finish();
  return exit_code_of(*followed.status());
}

}  // namespace pipeline::cli
