// What receivers of OTLP are sent, read with the schema that they are made from.
#include <gmock/gmock.h>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <regex>

#include "runner/trace/otlp.h"
#include "tests/support/plans.h"

namespace pipeline::trace {
namespace {

namespace pb = google::protobuf;
using namespace std::chrono_literals;

// OTLP writes the numbers of spans as hexadecimal digits where Protobuf's JSON has base64. A digit
// is also one of base64, so that they are read, as other bytes: of the right form they have to be
// all the same.
void expect_ids_are_hexadecimal(const std::string& otlp) {
  static const std::regex id(R"re("(traceId|spanId|parentSpanId)":"([^"]*)")re");
  std::size_t count = 0;
  for (std::sregex_iterator found(otlp.begin(), otlp.end(), id), end; found != end; ++found) {
    ++count;
    const std::size_t digits = (*found)[1] == "traceId" ? 32 : 16;
    EXPECT_EQ((*found)[2].length(), digits) << found->str();
    EXPECT_TRUE(std::regex_match((*found)[2].str(), std::regex("[0-9a-f]*[1-9a-f][0-9a-f]*")));
  }
  EXPECT_GT(count, 0U);
}

// What the schema does not know, in words; empty when it knows all.
std::string read_by_schema(const std::string& otlp) {
  pb::compiler::DiskSourceTree tree;
  tree.MapPath("", "tests/support/opentelemetry");
  pb::compiler::Importer importer(&tree, nullptr);
  const auto* const file =
      importer.Import("opentelemetry/proto/collector/trace/v1/trace_service.proto");
  if (file == nullptr) return "there is no schema";
  pb::DynamicMessageFactory factory;
  const std::unique_ptr<pb::Message> message(
      factory.GetPrototype(file->FindMessageTypeByName("ExportTraceServiceRequest"))->New());
  const auto read = pb::util::JsonStringToMessage(otlp, message.get());
  if (!read.ok()) return read.ToString();
  return message->ByteSizeLong() == 0 ? "nothing was sent" : "";
}

RunTrace some_trace() {
  run::RunSpec spec;
  spec.pipeline = "shop";
  spec.repository = "/srv/shop.git";
  spec.facts.branch = "main";
  run::JobFinished finished;
  finished.job = "build";
  finished.status = run::JobStatus::failed;
  finished.reason = "exit code 1";
  std::vector<run::Event> events;
  for (run::EventBody body :
       std::vector<run::EventBody>{run::RunCreated{spec}, run::JobLeased{"build", 1, "builder"},
                                   run::CommandStarted{"build", 1, 0, "make \"all\"\nmake ünïcode"},
                                   run::CommandFinished{"build", 1, 0, 2},
                                   run::DeploymentAdvanced{"build", 1, "production", "locked", ""},
                                   finished, run::JobCached{.job = "lint", .from_run = 3},
                                   run::RunFinished{run::RunStatus::failed, "build failed"}}) {
    const auto number = events.size();
    events.push_back(
        {number + 1, base::TimePoint(1h) + std::chrono::seconds(number), std::move(body)});
  }
  const auto plan = support::make_test_plan({{.name = "build"}, {.name = "lint"}});
  return trace_of(7, plan, events);
}

TEST(OtlpSchema, KnowsAllThatIsSent) {
  ASSERT_EQ(some_trace().spans.size(), 5U);
  const std::string otlp = to_otlp_json(some_trace(), "1.0", "here");
  EXPECT_EQ(read_by_schema(otlp), "") << otlp;
  expect_ids_are_hexadecimal(otlp);
}

// The check can fail.
TEST(OtlpSchema, RefusesWhatItDoesNotKnow) {
  std::string wrong = to_otlp_json(some_trace(), "1.0", "here");
  wrong.replace(wrong.find("startTimeUnixNano"), 5, "begin");
  EXPECT_THAT(read_by_schema(wrong), testing::HasSubstr("beginTimeUnixNano"));
}

}  // namespace
}  // namespace pipeline::trace
