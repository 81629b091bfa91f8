// Traces of runs, to whoever the environment says wants them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/support/product/product.h"
#include "tests/support/running_server/receiver.h"

namespace pipeline::e2e {
namespace {

using support::Product;
using support::Receiver;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kPipeline = R"(name = "shop"

[[stage]]
name = "build"
run  = "echo at $TRACEPARENT"
)";

class Trace : public testing::Test {
 protected:
  Trace() {
    product_.write("pipeline.toml", kPipeline);
    product_.commit();
  }

  Product product_;
  Receiver receiver_;
};

TEST_F(Trace, GoesWhereTheEnvironmentSays) {
  product_.env()["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver_.url() + "/otlp";
  product_.env()["OTEL_EXPORTER_OTLP_HEADERS"] = "api-key=abc";
  const auto ran = product_.run({"run"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.err, Not(HasSubstr("warning")));
  const auto received = receiver_.received();
  ASSERT_THAT(received, SizeIs(1));
  EXPECT_EQ(received[0].path, "/otlp/v1/traces");
  EXPECT_EQ(received[0].field("Content-Type"), "application/json");
  EXPECT_EQ(received[0].field("api-key"), "abc");
  EXPECT_THAT(received[0].body, HasSubstr("\"name\":\"RUN shop\""));
  // The job knew its own place in it.
  const std::string log = product_.run({"logs", "last", "build"}).out;
  std::smatch place;
  ASSERT_TRUE(std::regex_search(log, place, std::regex("at 00-([0-9a-f]{32})-([0-9a-f]{16})-01")))
      << log;
  EXPECT_THAT(received[0].body, HasSubstr("\"traceId\":\"" + place[1].str() + "\",\"spanId\":\"" +
                                          place[2].str() + "\",\"name\":\"build\""));
}

TEST_F(Trace, IsNothingThatARunDependsOn) {
  receiver_.answer_with({{503, "away"}});
  product_.env()["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver_.url();
  const auto ran = product_.run({"run"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.err, HasSubstr("warning: nobody has the trace of this run: "));
  product_.env()["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
  const auto refused = product_.run({"run"});
  EXPECT_EQ(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("traces go over HTTP only"));
}

TEST_F(Trace, IsNotSentUnlessAskedFor) {
  EXPECT_EQ(product_.run({"run"}).exit_code, 0);
  EXPECT_THAT(receiver_.received(), IsEmpty());
}

}  // namespace
}  // namespace pipeline::e2e
