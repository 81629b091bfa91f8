#include "stages/secret/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pipeline::secret {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

using Secrets = std::map<std::string, std::string>;

const Secrets kTwo = {{"NPM_TOKEN", "hunter2secret"}, {"SIGN_KEY", "correct horse"}};

TEST(Detector, NamesEachSecretAndTheFirstFileThatHasIt) {
  Detector detector(kTwo);
  detector.begin("a.txt");
  detector.feed("nothing here");
  detector.begin("b.js");
  detector.feed("token = 'hunter2secret'");
  detector.begin("c.js");
  detector.feed("hunter2secret and correct%20horse");
  EXPECT_THAT(detector.found(),
              UnorderedElementsAre(Pair("NPM_TOKEN", "b.js"), Pair("SIGN_KEY", "c.js")));
}

TEST(Detector, SeesASecretAcrossEverySplitOfAFile) {
  const std::string content = "xxhunter2hunter2secretxx";
  for (std::size_t cut = 0; cut <= content.size(); ++cut) {
    Detector detector(kTwo);
    detector.begin("a");
    detector.feed(content.substr(0, cut));
    detector.feed(content.substr(cut));
    EXPECT_THAT(detector.found(), UnorderedElementsAre(Pair("NPM_TOKEN", "a"))) << cut;
  }
}

TEST(Detector, SeesNoneAcrossTheBoundaryOfTwoFiles) {
  Detector detector(kTwo);
  detector.begin("a");
  detector.feed("hunter2");
  detector.begin("secret");
  detector.feed("secret");
  EXPECT_THAT(detector.found(), IsEmpty());
}

TEST(Detector, LooksAtPathsToo) {
  Detector detector(kTwo);
  detector.begin("dist/hunter2secret.txt");
  EXPECT_THAT(detector.found(), UnorderedElementsAre(Pair("NPM_TOKEN", "dist/hunter2secret.txt")));
}

TEST(Detector, TellsSecretsApartThatContainEachOther) {
  Detector detector({{"LONG", "hunter2secret"}, {"SHORT", "unter2sec"}});
  detector.begin("a");
  detector.feed("hunter2sec");
  EXPECT_THAT(detector.found(), UnorderedElementsAre(Pair("SHORT", "a")));
  detector.feed("ret");
  EXPECT_THAT(detector.found(), UnorderedElementsAre(Pair("LONG", "a"), Pair("SHORT", "a")));
}

TEST(Detector, FindsNothingWithoutSecrets) {
  Detector detector({});
  detector.begin("a");
  detector.feed("anything");
  EXPECT_THAT(detector.found(), IsEmpty());
}

}  // namespace
}  // namespace pipeline::secret
