#include "pipelines/run/event_json.h"

#include <gtest/gtest.h>

#include "pipelines/run/transition.h"

namespace pipeline::run {
namespace {

using base::ErrorKind;

base::Digest digest(std::uint8_t fill) {
  base::Digest::Bytes bytes{};
  bytes.fill(fill);
  return base::Digest(bytes);
}

RunSpec full_spec() {
  RunSpec spec;
  spec.pipeline = "shop";
  spec.repository = "/srv/shop";
  spec.pipeline_file = "pipeline.toml";
  spec.pipeline_text = "name = \"shop\"\n# grüezi\n";
  spec.facts.branch = "main";
  spec.facts.tag = "v1";
  spec.facts.commit = "c0ffee";
  spec.facts.tree = "beef";
  spec.facts.dirty = true;
  spec.facts.params = {{"channel", "nightly"}};
  spec.facts.changed = {{"a.c", "b.c"}};
  spec.stages = {"unit"};
  spec.no_cache = true;
  spec.keep = true;
  spec.jobs = 4;
  return spec;
}

// What specs came to hold later: absent from the stored form where there is none of it.
RunSpec later_spec() {
  RunSpec spec = full_spec();
  spec.facts.split_files = {{"unit", {{"a_test.py", base::Duration(7)}, {"b_test.py", {}}}}};
  spec.facts.untrusted = true;
  spec.detached = true;
  spec.concurrency_group = "deploy-main";
  spec.parent = ParentRun{41, "package"};
  spec.firing = ScheduledFiring{"nightly", base::TimePoint(std::chrono::hours(7))};
  spec.server_environments = {{"production", "[environment.production]\n"}};
  spec.cause = "push by ann";
  return spec;
}

// One of each, no field at its default.
report::TestSummary tests_summary() {
  return {{41, 2, 1, 3, 1, 1},
          {{"cart.total", "t/cart_test.cc:41", "expected 3", false}, {"cart.known", "", "", true}},
          report::Coverage{832, 1000}};
}

std::vector<EventBody> samples() {
  const std::vector<ProducedArtifact> artifacts = {{"shop", digest(7), 1234}};
  return {RunCreated{full_spec()},
          JobQueued{"unit", 2},
          JobLeased{"unit", 2, "local"},
          JobStarted{"unit", 2},
          CommandStarted{"unit", 2, 1, "make \"test\""},
          CommandFinished{"unit", 2, 1, 143},
          DeploymentAdvanced{"ship", 2, "production", "prepared", "2 of 4"},
          JobFinishing{"unit", 2},
          JobFinished{"unit",
                      2,
                      JobStatus::timed_out,
                      "timed out after 2m",
                      digest(9),
                      artifacts,
                      {base::Duration(1500), 1 << 20},
                      {"the artifact shop contains the secret TOKEN, in a"}},
          JobCached{"unit", digest(3), artifacts, 41},
          JobFinished{"unit", 2, JobStatus::failed, "exit code 8", {}, {}, {}, {}, tests_summary()},
          JobCached{"unit", {}, {}, 41, tests_summary(), "unit", 3},
          JobSkipped{"ship", "unit failed"},
          JobStopRequested{"unit", 2, JobStatus::timed_out, "timed out"},
          JobWaiting{"unit", 2, "waiting for lock db"},
          JobRetried{"unit", 2, base::TimePoint{std::chrono::hours(1)}, "attempt 2 failed"},
          RunCancelRequested{"interrupted by the user"},
          RunRetried{{"unit", "lint"}},
          RunRetried{{"unit"}, true},
          RunRetried{{"unit"}, true, "ann"},
          RunFinished{RunStatus::failed, "unit failed"},
          RunCreated{later_spec()},
          RunWaiting{"waiting for run 41 of group deploy-main"},
          ChildRunStarted{"package", 2, 42}};
}

TEST(EventJson, TestsAreReadBackInFull) {
  const base::TimePoint at{};
  const EventBody body = JobCached{"unit", {}, {}, 41, tests_summary(), "unit", 3};
  const auto back = event_from_json(to_json({1, at, body}));
  ASSERT_TRUE(back) << back.error().to_string();
  const auto& cached = std::get<JobCached>(back->body);
  EXPECT_EQ(cached.tests, tests_summary());
  EXPECT_EQ(cached.from_job, "unit");
  EXPECT_EQ(cached.from_attempt, 3U);
}

TEST(EventJson, EveryEventSurvivesTheWayThere) {
  const base::TimePoint at{std::chrono::microseconds(1'795'435'200'123'456)};
  std::set<std::size_t> kinds;
  for (const EventBody& body : samples()) {
    kinds.insert(body.index());
    const std::string line = to_json({7, at, body});
    const auto back = event_from_json(line);
    ASSERT_TRUE(back) << line << "\n" << back.error().to_string();
    EXPECT_EQ(back->sequence, 7U);
    EXPECT_EQ(back->at, at);
    EXPECT_EQ(back->body.index(), body.index());
    EXPECT_EQ(to_json(*back), line) << "nothing was lost";
    EXPECT_EQ(line.find('\n'), std::string::npos);
  }
  EXPECT_EQ(kinds.size(), kEventKinds);
}

TEST(EventJson, SpecsAreReadBackInFull) {
  const auto back = event_from_json(to_json({1, base::TimePoint{}, RunCreated{later_spec()}}));
  ASSERT_TRUE(back) << back.error().to_string();
  const RunSpec& spec = std::get<RunCreated>(back->body).spec;
  EXPECT_EQ(spec.facts.split_files, later_spec().facts.split_files);
  EXPECT_TRUE(spec.detached);
  EXPECT_EQ(spec.concurrency_group, "deploy-main");
  EXPECT_EQ(spec.parent, later_spec().parent);
  EXPECT_EQ(spec.firing, later_spec().firing);
}

// Stored events are read by every later version: these lines must never have to change.
TEST(EventJson, TheStoredFormIsStable) {
  const base::TimePoint at{std::chrono::microseconds(1'795'435'200'123'456)};
  EXPECT_EQ(
      to_json({7, at, samples()[8]}),
      R"({"seq":7,"at":"2026-11-23T12:00:00.123456Z","event":"job-finished","job":"unit",)"
      R"("attempt":2,"status":"timed-out","reason":"timed out after 2m","outputs":")" +
          digest(9).hex() + R"(","artifacts":[{"name":"shop","digest":")" + digest(7).hex() +
          R"(","size":1234}],"cpu_ms":1500,"peak_memory":1048576,"warnings":["the artifact shop contains the secret TOKEN, in a"]})");
  EXPECT_EQ(
      to_json({1, at, RunCreated{full_spec()}}),
      R"({"seq":1,"at":"2026-11-23T12:00:00.123456Z","event":"run-created","spec":{"pipeline":)"
      R"("shop","repository":"/srv/shop","file":"pipeline.toml","text":"name = \"shop\"\n# grüezi\n")"
      R"(,"facts":{"event":"manual","branch":"main","tag":"v1","commit":"c0ffee","tree":"beef",)"
      R"("dirty":true,"params":{"channel":"nightly"},"changed":["a.c","b.c"]},"stages":["unit"],)"
      R"("no_cache":true,"keep":true,"jobs":4}})");
}

TEST(EventJson, AbsentFieldsHaveTheirDefaultsAndUnknownOnesAreIgnored) {
  const auto event = event_from_json(
      R"({"seq":1,"at":"2026-11-23T12:00:00.000000Z","event":"job-queued","job":"a","later":{}})");
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<JobQueued>(event->body).attempt, 1U);
}

TEST(EventJson, RefusesWhatIsNoEvent) {
  const std::string at = R"("at":"2026-11-23T12:00:00.000000Z",)";
  for (const std::string& line : {
           std::string(""),
           std::string("[]"),
           std::string("{"),
           std::string(100'000, '['),
           std::string(R"({"seq":1,"event":"job-queued"})"),
           R"({"seq":1,)" + at + R"("event":"job-exploded","job":"a"})",
           R"({"seq":-1,)" + at + R"("event":"job-queued","job":"a"})",
           R"({"seq":1,)" + at + R"("event":"job-queued","job":7})",
           R"({"seq":1,)" + at + R"("event":"job-queued","job":"a","attempt":5000000000})",
           R"({"seq":1,)" + at + R"("event":"job-finished","job":"a","status":"splendid"})",
           R"({"seq":1,)" + at + R"("event":"job-cached","job":"a","outputs":"beef"})",
           R"({"seq":1,)" + at + R"("event":"job-cached","job":"a","artifacts":[7]})",
           R"({"seq":1,)" + at + R"("event":"run-created"})",
           R"({"seq":1,)" + at + R"("event":"run-created","spec":{"facts":{"params":{"a":1}}}})",
           R"({"seq":1,)" + at + R"("event":"run-retried","jobs":"a"})",
       }) {
    const auto event = event_from_json(line);
    ASSERT_FALSE(event) << line.substr(0, 100);
    EXPECT_EQ(event.error().kind(), ErrorKind::corrupt) << line.substr(0, 100);
  }
}

}  // namespace
}  // namespace pipeline::run
