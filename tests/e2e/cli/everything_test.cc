// Every feature of the language that a local run knows, in one pipeline.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {
namespace {

using support::matches_golden;
using support::Product;

constexpr const char* kEverything = R"toml(name = "everything"
description = "all that there is, in one run"
include = ["pipelines/shared/make.toml"]

[triggers]
push = ["main"]
schedule = [{ name = "nightly", cron = "@daily", params = { channel = "nightly" } }]

[concurrency]
group = "all-{branch}"
superseded = "cancel-queued"

[params]
channel = { type = "string", choices = ["stable", "nightly"], default = "stable" }
level = { type = "integer", default = 3 }

[defaults]
timeout = "2m"
env = { STYLE = "plain" }
sandbox = { memory = "1GiB", processes = 200 }

[[stage]]
name = "build"
extends = "maker"
matrix = { os = ["bsd", "linux"], exclude = [{ os = "bsd" }], include = [{ os = "plan9" }] }
inputs = ["src/**"]
tools = ["sh"]
outputs = ["out/"]
cache = [{ path = ".cache", key = "cache-{branch}-{files:src/*}", fallback = ["cache-main"] }]
artifacts = [{ name = "shop-{matrix.os}", paths = ["out/**"] }]

[[stage]]
name = "lint"
needs = []
run = "echo $STYLE; exit 1"
allow_failure = true

[[stage]]
name = "unit"
kind = "unit"
needs = ["build"]
split = { total = 2, files = "tests/*" }
run = "for file in $SPLIT_FILES; do sh $file; done > junit.xml"
reports = { junit = ["junit.xml"], quarantine = ["shop.known"] }

[[stage]]
name = "integration"
kind = "integration"
needs = ["build"]
secrets = ["TOKEN"]
lock = "database"
retry = { max = 2, on = ["failed"], backoff = "10ms" }
run = ["cat /tmp/greeting", "echo token $TOKEN", "test $PIPELINE_ATTEMPT -ge 2"]
reports = "none"
[[stage.service]]
name = "greeter"
run = "echo hello from the service > /tmp/greeting; touch /tmp/up; exec sleep 600"
ready = { command = "test -e /tmp/up", interval = "20ms" }
[[stage.service]]
name = "never"
run = "exit 1"
when = { param = { channel = "nightly" } }

[[stage]]
name = "acceptance"
kind = "acceptance"
needs = ["unit", "integration", "lint?"]
uses = ["shop-linux", "shop-plan9"]
workdir = "tests"
shell = ["/bin/sh", "-eu"]
run = "cat $ARTIFACT_SHOP_LINUX/out/os $ARTIFACT_SHOP_PLAN9/out/os"
reports = "none"

[[stage]]
name = "release-notes"
when = { branch = ["release/*"] }
run = "exit 1"

[[stage]]
name = "package"
kind = "pipeline"
needs = ["acceptance"]
pipeline = "package"
params = { level = 9 }

[[stage]]
name = "on-failure"
needs = ["lint"]
when = { status = "failure" }
run = "echo lint has something to say"

[[stage]]
name = "last"
needs = ["package"]
when = { status = "always", not = { event = "schedule" } }
run = "echo over"
)toml";

void write_shop(Product& product) {
  product.write("pipelines/everything.toml", kEverything);
  product.write("pipelines/shared/make.toml", R"([template.maker]
run = "mkdir -p out .cache; echo $MATRIX_OS > out/os; date > .cache/at"
)");
  product.write("pipelines/package.toml", R"(name = "package"
[params]
level = { type = "integer" }
[[stage]]
name = "pack"
run = "echo level $PARAM_LEVEL"
)");
  product.write("src/main.c", "int main(void) { return 0; }\n");
  product.write("tests/a.sh",
                "echo '<testsuite><testcase classname=\"shop\" name=\"a\"/>"
                "</testsuite>'\n");
  product.write("tests/b.sh",
                "echo '<testsuite><testcase classname=\"shop\" name=\"b\"/>"
                "</testsuite>'\n");
  product.write(".env", "TOKEN=correct-horse\n");
  product.write(".gitignore", ".env\n");
  product.commit();
}

TEST(Everything, RunsCleanlyAndIsReused) {
  Product product;
  write_shop(product);
  ASSERT_EQ(product.run({"check"}).exit_code, 0) << product.run({"check"}).out;
  const auto planned = product.run({"plan", "everything", "--env-file", ".env"});
  EXPECT_TRUE(matches_golden("e2e/everything_plan.txt", product.normalised(planned.out)))
      << planned.err;
  const auto ran = product.run({"run", "everything", "--env-file", ".env", "--jobs", "1"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(matches_golden("e2e/everything_run.txt", product.normalised(ran.out)));
  EXPECT_THAT(product.run({"logs", "1", "acceptance"}).out, testing::HasSubstr("linux\nplan9\n"));
  EXPECT_THAT(product.run({"logs", "1", "integration"}).out, testing::HasSubstr("token ***\n"));

  const auto again = product.run({"run", "everything", "--env-file", ".env", "--jobs", "1"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, testing::HasSubstr("build[os=linux]: cached"));
  const auto nightly = product.run(
      {"plan", "everything", "--event", "schedule", "--schedule", "nightly", "--env-file", ".env"});
  EXPECT_THAT(nightly.out, testing::HasSubstr("nightly")) << nightly.err;
  EXPECT_TRUE(product.is_quiet());
}

}  // namespace
}  // namespace pipeline::e2e
