#include "runner/server/api/metric_text.h"

#include <gtest/gtest.h>

namespace pipeline::api {
namespace {

TEST(MetricText, IsWhatPrometheusReads) {
  MetricText text;
  text.gauge("jobs_waiting", "Jobs that wait.", 3);
  text.counter("runs_total", "Runs by their end.", "status", {{"failed", 1}, {"succeeded", 41}});
  text.open("odd", MetricText::Type::gauge, "With labels.");
  text.sample({{"a", "say \"hi\"\\\n"}, {"b", ""}}, 0.25);
  EXPECT_EQ(text.text(),
            "# HELP jobs_waiting Jobs that wait.\n"
            "# TYPE jobs_waiting gauge\n"
            "jobs_waiting 3\n"
            "# HELP runs_total Runs by their end.\n"
            "# TYPE runs_total counter\n"
            "runs_total{status=\"failed\"} 1\n"
            "runs_total{status=\"succeeded\"} 41\n"
            "# HELP odd With labels.\n"
            "# TYPE odd gauge\n"
            "odd{a=\"say \\\"hi\\\"\\\\\\n\",b=\"\"} 0.25\n");
}

}  // namespace
}  // namespace pipeline::api
