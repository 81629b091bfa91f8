// What every RunReader promises, held against each: the runs of a state directory, looked at where
// they are and through a server.
#include "runner/cli/run_reader.h"

#include <gtest/gtest.h>

#include <thread>

#include "pipelines/report/report_json.h"
#include "pipelines/run/event_json.h"
#include "runner/cli/local_runs.h"
#include "runner/cli/server_runs.h"
#include "runner/serve/log_endpoints.h"
#include "runner/serve/run_endpoints.h"
#include "runner/server/agents/blob_endpoints.h"
#include "runner/server/api/router.h"
#include "runner/store/lease.h"
#include "runner/store/sqlite/sqlite_repository_store.h"
#include "stages/log/writer.h"
#include "stages/workspace/merged_view.h"
#include "tests/support/running_server/running_server.h"
#include "tests/unit/runner/cli/world.h"

namespace pipeline::cli {
namespace {

using base::ErrorKind;
using namespace std::chrono_literals;

std::vector<run::EventBody> finished(run::RunStatus status) {
  return {run::RunFinished{status, ""}};
}

// The world behind a server of its own.
class Served {
 public:
  explicit Served(World& world)
      : repositories_(store::open_sqlite_repository_store(world.places()).value()),
        feed_(**world.runs(),
              [this](std::function<void()> work) { (*server_)->post(std::move(work)); }),
        access_(*repositories_, **world.runs(), world.places()),
        desk_(world.clock(), 45s),
        run_endpoints_(runs_, desk_, feed_, **world.runs(), *repositories_, world.places(),
                       access_),
        log_waits_(world.clock(),
                   [this](std::function<void()> task) {
                     (*server_)->post([this, task = std::move(task)] { pool_.run(task); });
                   }),
        log_endpoints_({.store = **world.runs(),
                        .history = **world.tests(),
                        .waits = log_waits_,
                        .paths = world.places(),
                        .pool = pool_,
                        .clock = world.clock()}),
        blobs_(world.places().packed_layers(), world.places().uploads(), **world.artifacts(),
               pool_),
        router_(endpoints(), [](std::string_view) { return everybody(); }, world.clock(),
                {.callers = {1e6, 1e6}}),
        server_(std::make_unique<Server>(router_)) {
    const auto token = world.directory().path() / "token";
    EXPECT_TRUE(host::write_file(token, "any"));
    choice_ = {.url = "http://127.0.0.1:" + std::to_string(server_->running.port()),
               .token_file = token};
  }

  // As the server does when an agent appends to the job's log.
  void note(run::RunId run, const std::string& job) { log_waits_.note(run, job); }

  std::unique_ptr<RunReader> reader() const {
    return server_runs(ServerClient::open(choice_).value());
  }

 private:
  struct Server {
    explicit Server(http::Handler& handler) : running(handler) {}
    http::Server* operator->() { return &*running; }
    http::RunningServer running;
  };
  static api::Caller everybody() { return {.name = "any", .scopes = {api::Scope::read}}; }
  std::vector<api::Endpoint> endpoints() {
    std::vector<api::Endpoint> all;
    for (auto some : {run_endpoints_.endpoints(), log_endpoints_.endpoints(), blobs_.endpoints()})
      all.insert(all.end(), some.begin(), some.end());
    return all;
  }

  std::unique_ptr<store::RepositoryStore> repositories_;
  worker::ThreadPool pool_;
  serve::ServedRuns runs_{[] { return std::unique_ptr<Services>(); },
                          [](run::RunId, const run::Event*) {}};
  serve::EventFeed feed_;
  serve::Access access_;
  link::AgentDesk desk_;
  serve::RunEndpoints run_endpoints_;
  serve::LogWaits log_waits_;
  serve::LogEndpoints log_endpoints_;
  server::BlobEndpoints blobs_;
  api::Router router_;
  std::unique_ptr<Server> server_;
  ServerChoice choice_;
};

enum class Kind { here, at_a_server };

class RunReaderContract : public testing::TestWithParam<Kind> {
 protected:
  RunReaderContract() {
    std::filesystem::create_directories(world_.places().root());
    if (GetParam() == Kind::at_a_server) served_ = std::make_unique<Served>(world_);
    reader_ = served_ ? served_->reader() : local_runs(world_).value();
  }

  static log::LogWriter writer_in(const std::filesystem::path& directory,
                                  std::uint64_t limit = std::uint64_t{64} << 10U) {
    std::filesystem::create_directories(directory);
    return log::LogWriter::create(directory, limit).value();
  }
  log::LogWriter writer(const AttemptName& name, std::uint64_t limit = std::uint64_t{64} << 10U) {
    return writer_in(world_.places().job(name.run, name.job, name.attempt), limit);
  }
  base::TimePoint at(std::chrono::milliseconds since) const {
    return base::TimePoint(1000s + since);
  }

  World world_;
  std::unique_ptr<Served> served_;
  std::unique_ptr<RunReader> reader_;
};

std::vector<run::RunId> ids_of(const base::Result<std::vector<store::RunSummary>>& runs) {
  std::vector<run::RunId> ids;
  EXPECT_TRUE(runs);
  for (const auto& run : runs.value_or(std::vector<store::RunSummary>())) ids.push_back(run.id);
  return ids;
}

TEST_P(RunReaderContract, ListsWhatIsAskedFor) {
  using Ids = std::vector<run::RunId>;
  EXPECT_EQ(ids_of(reader_->list({})), Ids{});
  world_.add_run(finished(run::RunStatus::succeeded));
  world_.add_run(finished(run::RunStatus::failed), "/srv/blog & more");
  world_.add_run({});
  EXPECT_EQ(ids_of(reader_->list({})), (Ids{3, 2, 1}));
  EXPECT_EQ(ids_of(reader_->list({.limit = 2})), (Ids{3, 2}));
  EXPECT_EQ(ids_of(reader_->list({.before = 3, .limit = 1})), Ids{2});
  EXPECT_EQ(ids_of(reader_->list({.before = 1})), Ids{});
  EXPECT_EQ(ids_of(reader_->list({.repository = "/srv/blog & more"})), Ids{2});
  EXPECT_EQ(ids_of(reader_->list({.status = run::RunStatus::interrupted})), Ids{3});
  EXPECT_EQ(ids_of(reader_->list({.pipeline = "shop", .branch = "main", .limit = 1})), Ids{3});
  EXPECT_EQ(ids_of(reader_->list({.limit = 0})), Ids{});
  const auto runs = reader_->list({.before = 3, .limit = 1});
  const auto stored = (*world_.runs())->list({.before = 3, .limit = 1});
  EXPECT_EQ(runs->front().repository, "/srv/blog & more");
  EXPECT_EQ(runs->front().status, run::RunStatus::failed);
  EXPECT_EQ(runs->front().commit, stored->front().commit);
  EXPECT_EQ(runs->front().created_at, stored->front().created_at);
  EXPECT_EQ(runs->front().finished_at, stored->front().finished_at);
}

TEST_P(RunReaderContract, ListsMoreThanOnePage) {
  constexpr std::size_t kMany = 1203;
  for (std::size_t i = 0; i < kMany; ++i) world_.add_run(finished(run::RunStatus::succeeded));
  const auto ids = ids_of(reader_->list({.limit = 2000}));
  ASSERT_EQ(ids.size(), kMany);
  for (std::size_t i = 0; i < kMany; ++i) EXPECT_EQ(ids[i], kMany - i);
  EXPECT_EQ(ids_of(reader_->list({.limit = 1001})).back(), kMany - 1000);
}

TEST_P(RunReaderContract, TellsEventsFromOneOn) {
  const auto id = world_.add_run({run::JobQueued{"a", 1}, run::JobLeased{"a", 1, "local"}});
  const auto all = reader_->events(id, 0);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ(run::to_json(all->back()), run::to_json((*world_.runs())->events(id, 2)->front()));
  EXPECT_EQ(reader_->events(id, 2)->size(), 1U);
  EXPECT_EQ(reader_->events(id, 3)->size(), 0U);
  EXPECT_EQ(reader_->events(7, 0).error().kind(), ErrorKind::not_found);
}

TEST_P(RunReaderContract, TellsWhetherSomebodyDrivesARun) {
  const auto id = world_.add_run({});
  EXPECT_EQ(reader_->is_driven(id), false);
  auto lease = store::take_lease(world_.places(), id);
  ASSERT_TRUE(lease);
  EXPECT_EQ(reader_->is_driven(id), true);
  lease->reset();
  EXPECT_EQ(reader_->is_driven(id), false);
  EXPECT_EQ(reader_->is_driven(7), false);
}

struct Line {
  std::string bytes;
  base::TimePoint at;
  std::uint64_t cut = 0;
  bool operator==(const Line&) const = default;
};

// Whole, from an offset on; pieces of one moment in one.
std::vector<Line> read_from(log::LogSource& log, std::uint64_t offset, std::size_t limit = 1000) {
  std::vector<Line> lines;
  for (;;) {
    const auto piece = log.read(offset, limit);
    EXPECT_TRUE(piece) << piece.error().to_string();
    if (!piece || piece->bytes.empty()) return lines;
    offset = piece->next;
    const bool goes_on = !lines.empty() && lines.back().at == piece->at && piece->cut == 0;
    if (goes_on) lines.back().bytes += piece->bytes;
    if (!goes_on) lines.push_back({piece->bytes, piece->at, piece->cut});
  }
}

TEST_P(RunReaderContract, ReadsALogWithTheTimesOfItsPieces) {
  const AttemptName name{3, "unit[os=a]/x", 2};
  auto log = writer(name);
  ASSERT_TRUE(log.append("one\n\x80\xff", at(0ms)));
  ASSERT_TRUE(log.append("two\nthree", at(5s)));
  const auto opened = reader_->open_log(name, std::nullopt);
  ASSERT_TRUE(opened) << opened.error().to_string();
  log::LogSource& source = **opened;
  const std::vector<Line> all = {{"one\n\x80\xff", at(0ms)}, {"two\nthree", at(5s)}};
  EXPECT_EQ(read_from(source, 0), all);
  EXPECT_EQ(read_from(source, 0, 2), all);
  EXPECT_EQ(read_from(source, 7), (std::vector<Line>{{"wo\nthree", at(5s)}}));
  EXPECT_EQ(source.end(), 15U);
  EXPECT_EQ(source.tail_offset(1), 10U);
  EXPECT_EQ(source.tail_offset(0), 15U);
  EXPECT_EQ(source.tail_offset(100), 0U);
  EXPECT_EQ(read_from(source, 100), std::vector<Line>{});
  // What came meanwhile is seen with the next look.
  ASSERT_TRUE(log.append(" and four\n", at(9s)));
  ASSERT_TRUE(log.finish(at(9s)));
  ASSERT_TRUE(source.refresh());
  EXPECT_EQ(read_from(source, 15), (std::vector<Line>{{" and four\n", at(9s)}}));
  EXPECT_EQ(source.end(), 25U);
}

TEST_P(RunReaderContract, WaitsForWhatComesBehindTheEnd) {
  const AttemptName name{1, "unit", 1};
  auto log = writer(name);
  ASSERT_TRUE(log.append("one\n", at(0ms)));
  const auto opened = reader_->open_log(name, std::nullopt);
  ASSERT_TRUE(opened);
  log::LogSource& source = **opened;
  ASSERT_TRUE(source.wait(0, 1ms)) << "there is something";
  std::thread job([&] {
    EXPECT_TRUE(log.append("two\n", at(1s)));
    if (served_) served_->note(1, "unit");
  });
  // What waits for the file and not for the server's word may see nothing for a while.
  std::vector<Line> lines;
  while (lines.empty()) {
    ASSERT_TRUE(source.wait(4, 1ms));
    ASSERT_TRUE(source.refresh());
    lines = read_from(source, 4);
  }
  job.join();
  EXPECT_EQ(lines, (std::vector<Line>{{"two\n", at(1s)}}));
}

TEST_P(RunReaderContract, NobodyWaitsForMoreOfALogThatIsWhole) {
  const AttemptName name{1, "unit", 1};
  auto log = writer(name);
  ASSERT_TRUE(log.append("one\n", at(0ms)));
  ASSERT_TRUE(log.finish(at(0ms)));
  const auto opened = reader_->open_log(name, std::nullopt);
  ASSERT_TRUE(opened);
  const auto waited = (*opened)->wait(4, 1ms);
  EXPECT_TRUE(waited) << waited.error().to_string();
}

TEST_P(RunReaderContract, TellsWhatOfALogWasCut) {
  const AttemptName name{1, "unit", 1};
  auto log = writer(name);
  std::string written;
  for (int i = 0; i < 400; ++i) {
    const std::string line = std::string(1000, static_cast<char>('a' + i % 26)) + "\n";
    ASSERT_TRUE(log.append(line, at(i * 1s)));
    written += line;
  }
  ASSERT_TRUE(log.finish(at(400s)));
  const auto opened = reader_->open_log(name, std::nullopt);
  ASSERT_TRUE(opened);
  std::size_t bytes = 0;
  std::uint64_t cut = 0;
  for (const Line& line : read_from(**opened, 0, 100'000)) {
    bytes += line.bytes.size();
    cut += line.cut;
  }
  EXPECT_GT(cut, 0U);
  EXPECT_EQ(bytes + cut, written.size());
  const auto last = (*opened)->tail_offset(2);
  ASSERT_TRUE(last);
  EXPECT_EQ(*last, written.size() - 2002);
}

TEST_P(RunReaderContract, ReadsALogThatIsLargerThanAnyPart) {
  const AttemptName name{1, "unit", 1};
  auto log = writer(name, std::uint64_t{64} << 20U);
  const std::string block = std::string(999, 'x') + "\n";
  std::string written;
  for (int i = 0; i < 3000; ++i) written += block;
  ASSERT_TRUE(log.append(written, at(0ms)));
  for (int i = 0; i < 6000; ++i) ASSERT_TRUE(log.append("tick\n", at(i * 200ms)));
  ASSERT_TRUE(log.finish(at(1h)));
  const auto opened = reader_->open_log(name, std::nullopt);
  ASSERT_TRUE(opened);
  std::string read;
  for (const Line& line : read_from(**opened, 0, 1U << 20U)) read += line.bytes;
  EXPECT_EQ(read.size(), written.size() + std::size_t{6000} * 5);
}

TEST_P(RunReaderContract, ReadsTheLogOfAService) {
  const AttemptName name{1, "unit", 1};
  const auto directory = world_.places().job(1, "unit", 1);
  ASSERT_TRUE(writer(name).append("job\n", at(0ms)));
  ASSERT_TRUE(writer_in(log::service_log(directory, "db")).append("database\n", at(0ms)));
  const auto opened = reader_->open_log(name, "db");
  ASSERT_TRUE(opened);
  EXPECT_EQ(read_from(**opened, 0).front().bytes, "database\n");
  EXPECT_EQ(reader_->open_log(name, "cache").error().kind(), ErrorKind::not_found);
  EXPECT_EQ(reader_->open_log({1, "unit", 2}, std::nullopt).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(reader_->open_log({2, "unit", 1}, "db").error().kind(), ErrorKind::not_found);
}

TEST_P(RunReaderContract, ReadsReportsAndWhatTestsCameToBefore) {
  const auto id = world_.add_run(finished(run::RunStatus::failed));
  report::TestReport report;
  report::TestCase& test = report.tests.emplace_back();
  test.suite = "cart";
  test.name = "adds";
  test.status = report::TestStatus::failed;
  test.message = "1 is not 2";
  const auto directory = world_.places().job(id, "a", 1);
  std::filesystem::create_directories(directory);
  ASSERT_TRUE(host::write_file(directory / report::kReportFile, report::to_json(report)));
  EXPECT_EQ(reader_->report({id, "a", 1}), report);
  EXPECT_EQ(reader_->report({id, "b", 1}).error().kind(), ErrorKind::not_found);
  store::TestHistory& history = **world_.tests();
  ASSERT_TRUE(history.record({"/srv/shop", "shop", "a", id, 1, "tree", at(0ms)}, report));
  report.tests.front().status = report::TestStatus::passed;
  ASSERT_TRUE(history.record({"/srv/shop", "shop", "a", id + 1, 1, "tree", at(1s)}, report));
  EXPECT_EQ(*reader_->past_results(id, "*", 10), *history.results("/srv/shop", "shop", "*", 10));
  EXPECT_EQ(reader_->past_results(id, "*", 1)->size(), 1U);
  EXPECT_EQ(reader_->past_results(id, "no&such=one", 10)->size(), 0U);
  EXPECT_EQ(*reader_->flaky_tests(id), *history.flaky("/srv/shop", "shop"));
  EXPECT_EQ(reader_->flaky_tests(id)->size(), 1U);
  EXPECT_EQ(reader_->flaky_tests(9).error().kind(), ErrorKind::not_found);
}

TEST_P(RunReaderContract, UnpacksAnArtifact) {
  const auto tree = world_.directory().path() / "tree";
  std::filesystem::create_directory(tree);
  ASSERT_TRUE(host::write_file(tree / "app", "v1"));
  const auto packed =
      (*world_.artifacts())->put(*workspace::MergedView::open({tree}), {"app"}, 1U << 20U);
  ASSERT_TRUE(packed);
  const auto destination = world_.directory().path() / "got";
  ASSERT_TRUE(reader_->unpack(1, packed->digest, destination));
  EXPECT_EQ(host::read_file(destination / "app"), "v1");
  EXPECT_FALSE(reader_->unpack(1, packed->digest, destination)) << "it is there already";
  const auto missing =
      reader_->unpack(1, base::Digest(base::Digest::Bytes{}), world_.directory().path() / "no");
  EXPECT_EQ(missing.error().kind(), ErrorKind::not_found);
  EXPECT_FALSE(std::filesystem::exists(world_.directory().path() / "no"));
}

INSTANTIATE_TEST_SUITE_P(All, RunReaderContract, testing::Values(Kind::here, Kind::at_a_server),
                         [](const auto& kind) {
                           return kind.param == Kind::here ? "Here" : "AtAServer";
                         });

}  // namespace
}  // namespace pipeline::cli
