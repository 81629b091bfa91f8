// A server and three agents while runs go through, any of them killed (SIGKILL) again and again and
// started anew: every run succeeds, every log is whole, every artifact is what was made, no job ran
// to success twice, nothing is left.
//
// PIPELINE_CHAOS_RUNS says how many runs (default 12), PIPELINE_CHAOS_SEED which random numbers; a
// failure names the seed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cstdlib>
#include <random>
#include <set>

#include "pipelines/base/text.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

namespace json = boost::json;
using support::eventually;
using support::Team;

constexpr unsigned kLines = 300;

// `make` and `check` print lines that can be told from all others, in an order that can be checked.
constexpr const char* kPipeline = R"(name = "shop"
[params]
number = { type = "integer", default = 0 }
[[stage]]
name = "make"
run = '''
mkdir out
seq 1 300 | while read i; do echo "$PARAM_NUMBER make $i"; done | tee out/lines
sleep 0.3
'''
outputs = ["out/"]
[[stage]]
name = "check"
needs = ["make"]
run = '''
seq 1 300 | while read i; do echo "$PARAM_NUMBER make $i"; done | cmp - out/lines
seq 1 300 | while read i; do echo "$PARAM_NUMBER check $i"; done
sleep 0.2
'''
[[stage]]
name = "package"
needs = ["make"]
run = "cp out/lines shop.txt"
artifacts = [{ name = "shop", paths = ["shop.txt"] }]
[[stage]]
name = "accept"
needs = ["check", "package"]
uses = ["shop"]
run = "wc -l < $ARTIFACT_SHOP/shop.txt"
)";

unsigned number_of(const char* variable, unsigned otherwise) {
  const char* const text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  if (text == nullptr) return otherwise;
  const std::string_view digits = text;
  unsigned number = otherwise;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string lines_of(const std::string& number, const std::string& job) {
  std::string text;
  for (unsigned line = 1; line <= kLines; ++line)
    text.append(number)
        .append(" ")
        .append(job)
        .append(" ")
        .append(std::to_string(line))
        .append("\n");
  return text;
}

class Chaos : public Team {
 protected:
  Chaos() : random_(seed_) {
    push(kPipeline);
    for (const auto& name : kAgents) start_agent(name, {"--slots", "2"});
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }

  // Whoever is hit comes back at once: that he does not is another test's matter.
  void kill_somebody() {
    const std::size_t who = below(kAgents.size() + 1);
    if (who == kAgents.size()) {
      kill_server();
      start_server();
    } else {
      kill_agent(kAgents.at(who));
      start_agent(kAgents.at(who), {"--slots", "2"});
    }
  }

  std::vector<json::object> runs() {
    std::vector<json::object> all;
    const auto ran = run({"runs", "--json", "--limit", "500"});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    for (const std::string& line : base::split(ran.out, '\n'))
      if (!line.empty()) all.push_back(json::parse(line).as_object());
    return all;
  }

  std::size_t count_over() {
    const auto all = runs();
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [](const json::object& one) { return one.contains("finished_at"); }));
  }

  // Whether more than those come to their end. Patient: a slow machine has a lot to do here.
  bool goes_on(std::size_t seen) {
    constexpr int kTries = 10;
    for (int i = 0; i < kTries; ++i)
      if (eventually([&] { return count_over() > seen; })) return true;
    return false;
  }

  // What a command says that reads the server's directory.
  std::string of_server(std::vector<std::string> arguments) {
    product_.env()["PIPELINE_HOME"] = server_home().string();
    const auto ran = product_.run(std::move(arguments));
    product_.env()["PIPELINE_HOME"] = product_.home().string();
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return ran.out;
  }

  std::vector<json::object> events_of(const std::string& run) {
    std::vector<json::object> events;
    for (const std::string& line : base::split(of_server({"show", run, "--json"}), '\n'))
      if (!line.empty()) events.push_back(json::parse(line).as_object());
    return events;
  }

  void check_run(const std::string& run) {
    std::multiset<std::string> succeeded;
    std::string number;
    std::uint64_t sequence = 0;
    for (const json::object& event : events_of(run)) {
      EXPECT_EQ(event.at("seq").to_number<std::uint64_t>(), ++sequence);
      const std::string type(event.at("event").as_string());
      if (type == "run-created")
        number = std::string(event.at("spec").at("facts").at("params").at("number").as_string());
      // One that an agent died with before it began is begun anew.
      if (type != "job-finished" || event.contains("unstarted")) continue;
      if (event.at("status") == "succeeded")
        succeeded.insert(std::string(event.at("job").as_string()));
      else
        ADD_FAILURE() << json::serialize(event);
    }
    ASSERT_THAT(succeeded, testing::ElementsAre("accept", "check", "make", "package"));
    EXPECT_EQ(of_server({"logs", run, "make"}), lines_of(number, "make"));
    EXPECT_EQ(of_server({"logs", run, "check"}), lines_of(number, "check"));
    EXPECT_EQ(of_server({"logs", run, "accept"}), std::to_string(kLines) + "\n");
    check_artifact(run, lines_of(number, "make"));
  }

  void check_artifact(const std::string& run, const std::string& content) {
    of_server({"artifacts", "get", run, "shop", "--to", "got-" + run});
    EXPECT_EQ(product_.shell("cat got-" + run + "/shop.txt").out, content);
  }

  static constexpr std::array<const char*, 3> kAgents = {"a", "b", "c"};
  const unsigned runs_ = number_of("PIPELINE_CHAOS_RUNS", 12);
  const unsigned seed_ = number_of("PIPELINE_CHAOS_SEED", std::random_device()());
  std::mt19937 random_;
};

TEST_F(Chaos, NothingIsLostWhateverIsKilled) {
  SCOPED_TRACE("PIPELINE_CHAOS_SEED=" + std::to_string(seed_));
  unsigned kills = 0;
  for (unsigned run_number = 0; run_number < runs_; ++run_number) {
    const auto begun = run(
        {"run", "--repo", "shop", "--detach", "--param", "number=" + std::to_string(run_number)});
    ASSERT_EQ(begun.exit_code, 0) << begun.err;
    if (below(3) != 0) continue;
    kill_somebody();
    ++kills;
  }
  // As many again while what has begun goes on: each time something more has ended, or nothing has
  // for a while that would.
  for (std::size_t seen = count_over(); seen < runs_; seen = count_over()) {
    kill_somebody();
    ++kills;
    ASSERT_TRUE(goes_on(seen)) << run({"runs"}).out;
  }
  EXPECT_GT(kills, 0U);
  const auto all = runs();
  EXPECT_EQ(all.size(), runs_) << "each was begun once";
  for (const json::object& one : all) {
    const std::string number = std::to_string(one.at("run").to_number<std::uint64_t>());
    SCOPED_TRACE("run " + number);
    EXPECT_EQ(one.at("status"), "succeeded") << json::serialize(one);
    check_run(number);
  }
  // Of an agent itself there is a helper, which ends with it however that ends.
  for (const char* agent : kAgents) kill_agent(agent);
  EXPECT_TRUE(eventually([&] { return product_.helpers().empty(); }));
  RecordProperty("kills", static_cast<int>(kills));
}

}  // namespace
}  // namespace pipeline::e2e
