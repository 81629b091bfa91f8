#include "runner/serve/served_runs.h"

#include <fcntl.h>

#include <algorithm>
#include <latch>

#include "runner/engine/stored_plan.h"
#include "stages/host/file.h"

namespace pipeline::serve {

namespace {

using base::Result;
using run::RunId;

// Nobody is there to read it: what is wrong comes back as an error.
struct Nowhere {
  host::UniqueFd fd = host::open_file("/dev/null", O_RDWR).value_or(host::UniqueFd());
  cli::Console console{fd.get(), fd.get(), cli::ColorWish::never};
};

// All runs of a server are driven by these: secrets come from what is kept alone.
const cli::SecretSources& kept_secrets() {
  static const cli::SecretSources sources{};
  return sources;
}

}  // namespace

Result<> ServedRuns::begin_thread(Work work) {
  auto driven = std::make_unique<Driven>();
  PIPELINE_ASSIGN(driven->loop, engine::Loop::make());
  reap();
  const std::scoped_lock guard(mutex_);
  if (is_leaving_) return base::fail(base::ErrorKind::unavailable, "the server is stopping");
  Driven& kept = *driven_.emplace_back(std::move(driven));
  kept.thread = std::thread([this, &kept, work = std::move(work)] {
    const auto services = make_services_();
    work(*services, *kept.loop, kept);
    const std::scoped_lock done(mutex_);
    kept.is_over = true;
  });
  return {};
}

// Threads that have ended are joined with the next that begins.
void ServedRuns::reap() {
  std::vector<std::unique_ptr<Driven>> over;
  {
    const std::scoped_lock guard(mutex_);
    const auto first_over = std::stable_partition(
        driven_.begin(), driven_.end(), [](const auto& driven) { return !driven->is_over; });
    over.assign(std::make_move_iterator(first_over), std::make_move_iterator(driven_.end()));
    driven_.erase(first_over, driven_.end());
  }
  for (const auto& driven : over) driven->thread.join();
}

void ServedRuns::drive(cli::Services& services, engine::Loop& loop, Driven& driven,
                       const cli::MakeEngine& make_engine, const Began& began) {
  bool has_begun = false;
  const cli::QuietRun quiet{
      .services = services,
      .secrets = kept_secrets(),
      .loop = loop,
      .began =
          [&](RunId id) {
            has_begun = true;
            {
              const std::scoped_lock guard(mutex_);
              driven.id = id;
            }
            began(id);
          },
      .leaves =
          [this] {
            const std::scoped_lock guard(mutex_);
            return is_leaving_;
          },
      .observers = {[&](const run::Event& /*event*/, const run::RunState& /*state*/,
                        const plan::Plan& /*plan*/) {
        const std::scoped_lock guard(mutex_);
        if (driven.id != 0 && on_event_) on_event_(driven.id);
      }}};
  const auto ended = cli::drive_quietly(quiet, make_engine);
  if (!has_begun)
    began(
        base::fail(ended ? base::Error(base::ErrorKind::internal, "no run began") : ended.error()));
  if (on_event_ && driven.id != 0) on_event_(driven.id);
}

void ServedRuns::start(cli::RunOptions options, const Began& began) {
  start_prepared(
      [options = std::move(options)](cli::Context& context) {
        return cli::prepare_run(options, context).map([](cli::PreparedRun prepared) {
          return std::optional(std::move(prepared));
        });
      },
      began);
}

void ServedRuns::start_if_triggered(cli::RunOptions options, cli::EventWish event,
                                    const Began& began) {
  start_prepared(
      [options = std::move(options), event = std::move(event)](cli::Context& context) {
        return cli::prepare_triggered(options, event, context);
      },
      began);
}

void ServedRuns::start_prepared(Prepare prepare, const Began& began) {
  const auto begun = begin_thread([this, prepare = std::move(prepare), began](
                                      cli::Services& services, engine::Loop& loop, Driven& driven) {
    Nowhere nowhere;
    cli::Context context{services, nowhere.console, "/"};
    auto prepared = prepare(context);
    if (!prepared) return began(base::fail(prepared.error()));
    if (!*prepared) return began(RunId{0});
    drive(
        services, loop, driven,
        [&](const engine::Surroundings& around, engine::Settings settings) {
          return engine::Engine::create(around, std::move(settings), std::move((*prepared)->spec),
                                        std::move((*prepared)->plan));
        },
        began);
  });
  if (!begun) began(base::fail(begun.error()));
}

Result<std::vector<std::string>> ServedRuns::resume_left_over() {
  constexpr std::size_t kMost = 100'000;
  const auto services = make_services_();
  PIPELINE_ASSIGN(store::RunStore* const store, services->runs());
  PIPELINE_ASSIGN(auto runs, store->list(kMost));
  std::erase_if(runs, [](const store::RunSummary& summary) {
    return summary.status != run::RunStatus::interrupted;
  });
  std::vector<std::string> troubles;
  std::latch taken_up(static_cast<std::ptrdiff_t>(runs.size()));
  for (const store::RunSummary& summary : runs) {
    const RunId id = summary.id;
    const Began began = [&, id](const Result<RunId>& result) {
      if (!result) {
        const std::scoped_lock guard(mutex_);
        troubles.push_back("run " + std::to_string(id) +
                           " cannot be taken up: " + result.error().to_string());
      }
      taken_up.count_down();
    };
    const auto begun =
        begin_thread([this, id, began](cli::Services& own, engine::Loop& loop, Driven& driven) {
          const auto runs_of_thread = own.runs();
          const auto stored = runs_of_thread ? engine::load_run(**runs_of_thread, id)
                                             : base::fail(runs_of_thread.error());
          if (!stored) return began(base::fail(stored.error()));
          drive(
              own, loop, driven,
              [&](const engine::Surroundings& around, engine::Settings settings) {
                return engine::Engine::resume(around, std::move(settings), id, stored->plan);
              },
              began);
        });
    if (!begun) began(base::fail(begun.error()));
  }
  taken_up.wait();
  const std::scoped_lock guard(mutex_);
  return troubles;
}

bool ServedRuns::cancel(RunId id) {
  const std::scoped_lock guard(mutex_);
  const auto found = std::ranges::find_if(
      driven_, [&](const auto& driven) { return driven->id == id && !driven->is_over; });
  if (found == driven_.end()) return false;
  (*found)->loop->interrupt();
  return true;
}

void ServedRuns::leave() {
  {
    const std::scoped_lock guard(mutex_);
    is_leaving_ = true;
    for (const auto& driven : driven_) driven->loop->wake();
  }
  for (const auto& driven : driven_) driven->thread.join();
  const std::scoped_lock guard(mutex_);
  driven_.clear();
}

std::size_t ServedRuns::under_way() const {
  const std::scoped_lock guard(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(driven_, [](const auto& driven) { return !driven->is_over; }));
}

}  // namespace pipeline::serve
