#include "runner/keeping/manifest.h"

#include <gtest/gtest.h>

#include "stages/host/hash.h"

namespace pipeline::keeping {
namespace {

Manifest example() {
  Manifest manifest;
  manifest.schema = 9;
  manifest.program = "1.2.3";
  manifest.created_at = base::TimePoint(std::chrono::seconds(1'800'000'000));
  manifest.root = "/srv/team";
  manifest.files = {{kDatabase, 5, host::sha256("bytes")},
                    {"runs/1/a \"b\"\n\xff", 0, host::sha256("")}};
  return manifest;
}

TEST(Manifest, ComesBackAsItWas) {
  const auto read = manifest_from_json(to_json(example()));
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(*read, example());
}

TEST(Manifest, WhatIsNoneIsDamaged) {
  const std::string whole = to_json(example());
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string(R"({"format":1})"),
        whole.substr(0, whole.size() / 2), std::string(R"({"format":1,"schema":"x"})")}) {
    const auto read = manifest_from_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::corrupt) << text;
    EXPECT_TRUE(read.error().hint()) << text;
  }
}

TEST(Manifest, OneOfALaterProgramIsRefusedAsThat) {
  Manifest later = example();
  later.format = kBackupFormat + 1;
  const auto read = manifest_from_json(to_json(later));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind(), base::ErrorKind::unavailable);
  EXPECT_EQ(read.error().to_string(),
            "it is the backup of a newer version of pipeline (format 2, this one knows 1)");
}

}  // namespace
}  // namespace pipeline::keeping
