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
  for (const auto cause :
       {Cause::exited, Cause::timed_out, Cause::cancelled, Cause::limit, Cause::setup}) {
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
