#include "runner/notify/cdevent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>

#include "tests/support/golden.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/runner/notify/news_of_tests.h"

namespace pipeline::notify {
namespace {

using support::matches_golden;
using testing::Contains;
using testing::Pair;
using Kind = Happening::Kind;

std::vector<News> all_news() {
  std::vector<News> all = {news_of(Kind::queued), news_of(Kind::started),
                           news_of(Kind::job_started)};
  for (const auto status : {run::JobStatus::succeeded, run::JobStatus::failed,
                            run::JobStatus::errored, run::JobStatus::cancelled}) {
    all.push_back(news_of(Kind::job_finished));
    all.back().what.job_status = status;
    all.back().what.reason = status == run::JobStatus::succeeded ? "" : "because";
  }
  all.push_back(failed_news());
  for (const auto status :
       {run::RunStatus::succeeded, run::RunStatus::errored, run::RunStatus::cancelled}) {
    all.push_back(news_of(Kind::finished));
    all.back().what.status = status;
  }
  all.back().server = "";
  return all;
}

std::string lines() {
  std::string text;
  int number = 0;
  for (const News& news : all_news())
    text += cdevent_body(news, "msg_" + std::to_string(++number)) + "\n";
  return text;
}

TEST(CdEvent, Is) {
  EXPECT_TRUE(matches_golden("notify/cdevents.jsonl", lines()));
}

TEST(CdEvent, FulfilsThePublishedSchemas) {
  if (std::system("/usr/bin/python3 -c 'import jsonschema' 2>/dev/null") != 0)
    GTEST_SKIP() << "python3-jsonschema is not installed";
  const support::TemporaryDirectory directory;
  const auto file = directory.path() / "events";
  std::ofstream(file) << lines();
  const std::string check = "/usr/bin/python3 tests/golden/cdevents/check.py < " + file.string();
  EXPECT_EQ(std::system(check.c_str()), 0);
  // The check sees what is wrong.
  std::ofstream(file) << R"({"context":{"type":"dev.cdevents.taskrun.started.0.3.0"}})"
                      << "\n";
  EXPECT_NE(std::system((check + " > /dev/null").c_str()), 0);
}

TEST(CdEvent, GoesInTheBinaryMode) {
  const auto fields = cdevent_fields(cdevent_body(failed_news(), "msg_1"));
  ASSERT_TRUE(fields);
  EXPECT_THAT(*fields, Contains(Pair("ce-id", "msg_1")));
  EXPECT_THAT(*fields, Contains(Pair("ce-specversion", "1.0")));
  EXPECT_THAT(*fields, Contains(Pair("ce-type", "dev.cdevents.pipelinerun.finished.0.3.0")));
  EXPECT_THAT(*fields, Contains(Pair("ce-source", "https://ci.example.org/far")));
  EXPECT_THAT(*fields, Contains(Pair("ce-subject", "run/41")));
  EXPECT_THAT(*fields, Contains(Pair("ce-time", "1971-01-01T00:00:00.000000Z")));
}

TEST(CdEvent, HasNoWordForAnApproval) {
  EXPECT_EQ(cdevent_subject(news_of(Kind::approval).what), std::nullopt);
}

}  // namespace
}  // namespace pipeline::notify
