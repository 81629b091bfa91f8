#include "stages/sandbox/order.h"

#include <gtest/gtest.h>

namespace pipeline::sandbox {
namespace {

Order full_order() {
  Order order;
  SandboxPlan& plan = order.plan;
  plan.isolation = Isolation::none;
  plan.workspace = {.lower = {"/a", "/b c"}, .upper = "/upper", .scratch = "/scratch"};
  plan.mounts = {{.host = "/h", .inside = "/i"}};
  plan.workdir = "sub";
  plan.commands = {"echo \"quoted\"", "bytes \xff\xfe", "two\nlines"};
  plan.services.resize(3);
  plan.services[0].name = "db";
  plan.services[0].run = "exec db \xff";
  plan.services[0].env = {{"DATA", "/tmp/\xfe"}};
  plan.services[0].ready = {.command = "db-is-ready",
                            .endpoint = {},
                            .interval = std::chrono::milliseconds(22),
                            .timeout = std::chrono::milliseconds(23)};
  plan.services[1].name = "web";
  plan.services[1].ready.emplace().endpoint = {.host = "::1", .port = 80, .http_path = "/health"};
  plan.services[2].name = "redis";
  plan.services[2].ready.emplace().endpoint = {.host = "", .port = 6379, .http_path = {}};
  plan.shell = {"/bin/bash", "-e"};
  plan.env = {{"A", "1"}, {"B", "\xc3\x28"}};
  plan.masked = {"secret"};
  plan.limits.network = model::NetworkMode::host;
  plan.limits.memory = (std::uint64_t{1} << 40U) + 1;
  plan.limits.cpus = 1.5;
  plan.limits.processes = 17;
  plan.limits.disk = 18;
  plan.limits.output = 19;
  plan.timeout = std::chrono::milliseconds(20);
  plan.grace = std::chrono::milliseconds(21);
  plan.log_directory = "/log";
  order.filter = {0, 1, ~std::uint64_t{0}};
  return order;
}

TEST(Order, ReadsBackWhatItWrote) {
  const Order order = full_order();
  const auto back = order_from_json(to_json(order));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(to_json(*back), to_json(order)) << "nothing is lost on the way";
  EXPECT_EQ(back->plan.commands, order.plan.commands);
  EXPECT_EQ(back->plan.env, order.plan.env);
  ASSERT_EQ(back->plan.services.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(back->plan.services[i].name, order.plan.services[i].name);
    EXPECT_EQ(back->plan.services[i].run, order.plan.services[i].run);
    EXPECT_EQ(back->plan.services[i].env, order.plan.services[i].env);
    EXPECT_EQ(back->plan.services[i].ready, order.plan.services[i].ready);
  }
  EXPECT_EQ(back->plan.limits.memory, order.plan.limits.memory);
  EXPECT_EQ(back->plan.limits.cpus, order.plan.limits.cpus);
  EXPECT_EQ(back->filter, order.filter);
  EXPECT_EQ(back->plan.isolation, Isolation::none);
}

TEST(Order, RefusesWhatIsNotAnOrder) {
  for (const char* text : {"", "{", "[]", "{\"isolated\":1}", "null"}) {
    const auto order = order_from_json(text);
    ASSERT_FALSE(order) << text;
    EXPECT_EQ(order.error().kind(), base::ErrorKind::corrupt);
  }
}

TEST(Result, ReadsBackWhatItWrote) {
  using Cause = SandboxResult::Cause;
  for (const auto cause : {Cause::exited, Cause::timed_out, Cause::cancelled, Cause::limit,
                           Cause::setup, Cause::service}) {
    const SandboxResult result{.cause = cause,
                               .commands_started = 3,
                               .exit_code = 137,
                               .reason = "because \"of\" this",
                               .cpu = std::chrono::milliseconds(1234),
                               .peak_memory = 99};
    const auto back = result_from_json(to_json(result));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->cause, cause);
    EXPECT_EQ(to_json(*back), to_json(result));
  }
  EXPECT_FALSE(result_from_json(R"({"cause":"magic"})"));
}

}  // namespace
}  // namespace pipeline::sandbox
