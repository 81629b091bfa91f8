#include "runner/trace/otlp_receiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace pipeline::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

using Variables = std::map<std::string, std::string>;

base::Result<std::optional<OtlpReceiver>> receiver_of(const Variables& variables) {
  return otlp_receiver_of([&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

std::string url_of(const Variables& variables) {
  return receiver_of(variables).value().value().url;
}

TEST(OtlpReceiver, IsNoneUnlessThereIsAnEndpoint) {
  EXPECT_FALSE(receiver_of({}).value());
  EXPECT_FALSE(receiver_of({{"OTEL_EXPORTER_OTLP_HEADERS", "a=b"}}).value());
  EXPECT_FALSE(
      receiver_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4318"}, {"OTEL_SDK_DISABLED", "true"}})
          .value());
}

TEST(OtlpReceiver, IsBelowTheCommonEndpointOrAtTheOneOfTraces) {
  EXPECT_EQ(url_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4318"}}), "http://a:4318/v1/traces");
  EXPECT_EQ(url_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://a/otlp/"}}),
            "https://a/otlp/v1/traces");
  EXPECT_EQ(url_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://a"},
                    {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://b/here"}}),
            "https://b/here");
}

TEST(OtlpReceiver, GetsTheHeadersThatItAsksFor) {
  const auto receiver =
      receiver_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a"},
                   {"OTEL_EXPORTER_OTLP_HEADERS", " api-key = s%20e=c%2Cret , x=, "}});
  EXPECT_THAT(receiver.value().value().fields,
              ElementsAre(Pair("api-key", "s e=c,ret"), Pair("x", "")));
}

TEST(OtlpReceiver, SaysWhatItCannotFollow) {
  const auto grpc = receiver_of(
      {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}});
  EXPECT_THAT(grpc.error().to_string(), HasSubstr("traces go over HTTP only"));
  EXPECT_THAT(receiver_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "a:4318"}}).error().to_string(),
              HasSubstr("OTEL_EXPORTER_OTLP_ENDPOINT is no URL of HTTP"));
  for (const char* headers : {"secret", "a b=secret", "a=secret%zz", "a=secret%0a", "=secret"}) {
    const auto refused = receiver_of(
        {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a"}, {"OTEL_EXPORTER_OTLP_HEADERS", headers}});
    ASSERT_FALSE(refused) << headers;
    EXPECT_THAT(refused.error().to_string(), Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace pipeline::trace
