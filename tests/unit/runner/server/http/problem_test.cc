#include "runner/server/http/problem.h"

namespace pipeline::http {
namespace {

TEST(Problem, IsAnErrorAsAResponse) {
  const auto response = problem(base::Error(base::ErrorKind::not_found, "no run 7")
                                    .during("cancel it")
                                    .hint("pipeline runs"));
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.fields.find("content-type"), "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"title":"Not Found","status":404,"detail":"failed to cancel it: no run 7",)"
            R"("hint":"pipeline runs"})"
            "\n");
}

TEST(Problem, EveryKindHasAStatusWithAPhrase) {
  for (int kind = 0; kind <= static_cast<int>(base::ErrorKind::internal); ++kind) {
    const auto response = problem(base::Error(static_cast<base::ErrorKind>(kind), "x"));
    EXPECT_FALSE(phrase_of(response.status).empty()) << response.status;
  }
}

}  // namespace
}  // namespace pipeline::http
