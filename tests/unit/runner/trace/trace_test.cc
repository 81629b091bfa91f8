#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "runner/trace/otlp.h"
#include "runner/trace/spans.h"
#include "tests/support/plans.h"

namespace pipeline::trace {
namespace {

using namespace std::chrono_literals;
using run::JobStatus;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::MatchesRegex;
using testing::Pair;
using testing::SizeIs;

const base::TimePoint kBegin = base::TimePoint(1h);

class TraceTest : public testing::Test {
 protected:
  TraceTest() {
    spec_.pipeline = "shop";
    spec_.repository = "/srv/shop.git";
    spec_.facts.branch = "main";
    spec_.facts.commit = "c0ffee";
    happens(run::RunCreated{spec_});
  }

  // One event a second.
  void happens(run::EventBody body) {
    const auto number = events_.size();
    events_.push_back({number + 1, kBegin + std::chrono::seconds(number), std::move(body)});
  }
  void job_ends(const std::string& job, std::uint32_t attempt, JobStatus as,
                const std::string& reason = "") {
    run::JobFinished finished;
    finished.job = job;
    finished.attempt = attempt;
    finished.status = as;
    finished.reason = reason;
    happens(finished);
  }
  std::vector<Span> spans() const { return trace_of(7, plan_, events_).spans; }
  TraceContext context() const { return {7, spec_, kBegin}; }

  plan::Plan plan_ = support::make_test_plan({{.name = "build"}, {.name = "lint"}});
  run::RunSpec spec_;
  std::vector<run::Event> events_;
};

std::vector<std::string> names_of(const std::vector<Span>& spans) {
  std::vector<std::string> names;
  for (const Span& span : spans) names.push_back(span.name);
  return names;
}

TEST_F(TraceTest, NumbersFollowFromTheRun) {
  EXPECT_EQ(context().trace_id(), context().trace_id());
  EXPECT_NE(context().trace_id(), TraceContext(8, spec_, kBegin).trace_id());
  EXPECT_NE(context().trace_id(), TraceContext(7, spec_, kBegin + 1us).trace_id());
  EXPECT_THAT(context().traceparent("build", 1),
              testing::ContainsRegex("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$"));
  EXPECT_NE(context().span_of_job("build", 1), context().span_of_job("build", 2));
  EXPECT_NE(context().span_of_command("build", 1, 0), context().span_of_command("build", 1, 1));
}

TEST_F(TraceTest, ARunItsJobAndItsCommandsAreOneInTheOther) {
  happens(run::JobLeased{"build", 1, "builder"});
  happens(run::JobStarted{"build", 1});
  happens(run::CommandStarted{"build", 1, 0, "make\nmake test"});
  happens(run::CommandFinished{"build", 1, 0, 0});
  job_ends("build", 1, JobStatus::succeeded);
  happens(run::RunFinished{run::RunStatus::succeeded, ""});
  const auto all = spans();
  ASSERT_THAT(names_of(all), ElementsAre("make", "build", "RUN shop"));
  const Span &command = all[0], &job = all[1], &whole = all[2];
  EXPECT_EQ(whole.parent, "");
  EXPECT_EQ(job.parent, whole.id);
  EXPECT_EQ(command.parent, job.id);
  EXPECT_EQ(job.id, context().span_of_job("build", 1)) << "what the job was told";
  EXPECT_EQ(whole.begin, kBegin);
  EXPECT_EQ(whole.end, kBegin + 6s);
  EXPECT_EQ(job.begin, kBegin + 1s);
  EXPECT_EQ(command.end - command.begin, 1s);
  const Attributes of_run = {{"cicd.pipeline.name", "shop"},
                             {"cicd.pipeline.run.id", "7"},
                             {"cicd.pipeline.result", "success"},
                             {"vcs.ref.head.name", "main"},
                             {"vcs.ref.head.revision", "c0ffee"}};
  EXPECT_THAT(whole.attributes, IsSupersetOf(of_run));
  const Attributes of_job = {{"cicd.worker.name", "builder"}, {"cicd.pipeline.task.type", "build"}};
  EXPECT_THAT(job.attributes, IsSupersetOf(of_job));
  EXPECT_EQ(whole.status, Span::Status::unset);
}

TEST_F(TraceTest, WhatWentWrongIsSaid) {
  happens(run::JobLeased{"build", 1, "builder"});
  happens(run::CommandStarted{"build", 1, 0, "make"});
  happens(run::CommandFinished{"build", 1, 0, 2});
  job_ends("build", 1, JobStatus::failed, "exit code 2");
  happens(run::JobSkipped{"lint", "build failed"});
  happens(run::RunFinished{run::RunStatus::failed, "build failed"});
  const auto all = spans();
  ASSERT_THAT(names_of(all), ElementsAre("make", "build", "lint", "RUN shop"));
  EXPECT_EQ(all[1].message, "exit code 2");
  EXPECT_EQ(all[2].status, Span::Status::unset);
  for (const std::size_t failed : {0U, 1U, 3U}) {
    EXPECT_EQ(all[failed].status, Span::Status::error);
    EXPECT_THAT(all[failed].attributes, Contains(Pair("error.type", AttributeValue("failure"))));
  }
}

TEST_F(TraceTest, ACommandThatWasEndedWithItsJobHasNoExitCode) {
  happens(run::JobLeased{"build", 1, "builder"});
  happens(run::CommandStarted{"build", 1, 0, "sleep 1h"});
  job_ends("build", 1, JobStatus::timed_out, "after 1s");
  const auto all = spans();
  ASSERT_THAT(names_of(all), ElementsAre("sleep 1h", "build"));
  EXPECT_THAT(all[0].attributes, Contains(Pair("error.type", AttributeValue("error"))));
  EXPECT_THAT(all[1].attributes, Contains(Pair("error.type", AttributeValue("timeout"))));
}

TEST_F(TraceTest, StepsOfADeploymentFollowEachOther) {
  happens(run::JobLeased{"build", 1, "here"});
  happens(run::DeploymentAdvanced{"build", 1, "production", "locked", ""});
  happens(run::DeploymentAdvanced{"build", 1, "production", "shifting", ""});
  job_ends("build", 1, JobStatus::succeeded);
  const auto all = spans();
  ASSERT_THAT(names_of(all),
              ElementsAre("deploy production: locked", "deploy production: shifting", "build"));
  EXPECT_EQ(all[0].end, all[1].begin);
  EXPECT_EQ(all[1].end, all[2].end);
  EXPECT_NE(all[0].id, all[1].id);
}

TEST_F(TraceTest, OfARunThatWasTriedAgainOnlyTheLastTimeIsTold) {
  happens(run::JobLeased{"build", 1, "builder"});
  job_ends("build", 1, JobStatus::failed);
  happens(run::RunFinished{run::RunStatus::failed, ""});
  const std::string first = spans().back().id;
  happens(run::RunRetried{{"build"}, false});
  happens(run::JobLeased{"build", 2, "builder"});
  job_ends("build", 2, JobStatus::succeeded);
  happens(run::RunFinished{run::RunStatus::succeeded, ""});
  const auto all = spans();
  ASSERT_THAT(names_of(all), ElementsAre("build", "RUN shop"));
  EXPECT_NE(all[1].id, first);
  EXPECT_EQ(all[1].begin, kBegin + 4s);
  EXPECT_EQ(trace_of(7, plan_, events_).trace_id, context().trace_id());
}

TEST_F(TraceTest, AHistoryWithoutItsBeginningIsNone) {
  EXPECT_THAT(trace_of(7, plan_, {}).spans, IsEmpty());
  EXPECT_THAT(trace_of(7, plan_, {{1, kBegin, run::RunFinished{}}}).spans, IsEmpty());
}

TEST_F(TraceTest, IsWrittenAsReceiversTakeIt) {
  happens(run::JobCached{.job = "build", .from_run = 3});
  happens(run::RunFinished{run::RunStatus::failed, "because"});
  const std::string text = to_otlp_json(trace_of(7, plan_, events_), "1.0", "here");
  const auto read = boost::json::parse(text);
  const auto& resource = read.at_pointer("/resourceSpans/0/resource/attributes/0");
  EXPECT_EQ(resource.at("key"), "service.name");
  EXPECT_EQ(resource.at_pointer("/value/stringValue"), "pipeline");
  const auto& spans = read.at_pointer("/resourceSpans/0/scopeSpans/0/spans").as_array();
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_EQ(spans[0].at("traceId"), boost::json::string(context().trace_id()));
  EXPECT_EQ(spans[0].at("parentSpanId"), spans[1].at("spanId"));
  EXPECT_EQ(spans[0].at("startTimeUnixNano"), "3601000000000");
  EXPECT_EQ(spans[0].at("kind"), 1);
  EXPECT_FALSE(spans[1].as_object().contains("parentSpanId"));
  EXPECT_EQ(spans[1].at("kind"), 2);
  EXPECT_EQ(spans[1].at_pointer("/status/code"), 2);
  EXPECT_EQ(spans[1].at_pointer("/status/message"), "because");
}

}  // namespace
}  // namespace pipeline::trace
