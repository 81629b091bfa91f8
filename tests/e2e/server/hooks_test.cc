// Repositories that are elsewhere: what forges tell of them, and what the server finds out for
// itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/forge/forge.h"
#include "stages/host/file.h"
#include "stages/host/hmac.h"
#include "tests/support/golden.h"
#include "tests/support/http/tcp.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

using forge::Forge;
using support::eventually;
using support::matches_golden;
using support::Team;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kNoCommit = "0000000000000000000000000000000000000000";
constexpr const char* kStage = "[[stage]]\nname = \"build\"\nrun = \"echo $GIT_BRANCH built\"\n";
const std::string kOnPush = std::string("name = \"far\"\n[triggers]\npush = [\"**\"]\n") + kStage;
const std::string kOnPullRequest =
    std::string("name = \"far\"\n[triggers]\npull_request = true\n") + kStage;

struct Answer {
  unsigned status = 0;
  std::string body;
};

class Hooks : public Team {
 protected:
  Hooks() {
    start_agent("a");
    commit(kOnPush);
    product_.git({"init", "--quiet", "--bare", far().string()});
    move("main");
  }

  std::filesystem::path far() const { return product_.root() / "far.git"; }
  // Makes the repository known, and waits until its refs are noted.
  support::Ran add_far(std::vector<std::string> more, const std::string& location = "") {
    std::vector<std::string> arguments = {"repo", "add", "far", "--url",
                                          location.empty() ? "file://" + far().string() : location};
    arguments.insert(arguments.end(), more.begin(), more.end());
    support::Ran added = run(arguments);
    EXPECT_EQ(added.exit_code, 0) << added.err;
    const auto mark = added.out.find("pipeline_hook_");
    if (mark != std::string::npos)
      secret_ = added.out.substr(mark, added.out.find('\n', mark) - mark);
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(seen()); }));
    return added;
  }
  // Whether what is committed has had its runs there, and a server that dies now starts no others.
  bool is_noted(const std::string& ref) {
    return eventually([&] {
      return host::read_file(seen()).value_or("").find(head() + " " + ref) != std::string::npos;
    });
  }
  std::filesystem::path seen() const { return server_home() / "repositories" / "far.seen"; }

  std::string commit(const std::string& pipeline) {
    product_.write("pipeline.toml", pipeline);
    product_.write("change", std::to_string(++changes_));
    product_.commit();
    return head();
  }
  std::string head() {
    std::string id = product_.git({"rev-parse", "HEAD"});
    id.erase(id.find_last_not_of('\n') + 1);
    return id;
  }
  // What is committed becomes the branch, or the full ref, over there.
  void move(const std::string& ref) {
    product_.git({"push", "--quiet", "--force", far().string(), "HEAD:" + ref});
  }

  std::string push_payload() {
    return R"({"object_kind":"push","ref":"refs/heads/main","before":")" + std::string(kNoCommit) +
           R"(","after":")" + head() + R"("})";
  }
  std::string pull_request_payload(const std::string& action, int from) {
    return R"({"action":")" + action +
           R"(","pull_request":{"number":7,"head":{"label":"main","ref":"main","sha":")" + head() +
           R"(","repo":{"id":)" + std::to_string(from) +
           R"(}},"base":{"ref":"main","repo":{"id":1}}}})";
  }
  // As the forge sends it.
  std::string fields_of(Forge forge, const std::string& event, const std::string& delivery,
                        const std::string& body) const {
    const std::string digest = host::hmac_sha256(secret_, body).hex();
    switch (forge) {
      case Forge::github:
        return "X-GitHub-Event: " + event + "\r\nX-GitHub-Delivery: " + delivery +
               "\r\nX-Hub-Signature-256: sha256=" + digest;
      case Forge::gitlab:
        return "X-Gitlab-Event: Push Hook\r\nX-Gitlab-Event-UUID: " + delivery +
               "\r\nX-Gitlab-Token: " + secret_;
      case Forge::gitea:
        return "X-Gitea-Event: " + event + "\r\nX-Gitea-Delivery: " + delivery +
               "\r\nX-Gitea-Signature: " + digest;
      case Forge::forgejo:
        return "X-Forgejo-Event: " + event + "\r\nX-Forgejo-Delivery: " + delivery +
               "\r\nX-Forgejo-Signature: " + digest;
    }
    return "";
  }
  Answer post(const std::string& fields, const std::string& body,
              const std::string& repository = "far") {
    const auto port = static_cast<std::uint16_t>(std::stoul(url().substr(url().rfind(':') + 1)));
    const host::UniqueFd connection = support::connect_to("127.0.0.1", port);
    support::send_all(connection.get(),
                      "POST /api/v1/hooks/" + repository + " HTTP/1.1\r\nHost: x\r\n" + fields +
                          "\r\nContent-Type: application/json\r\nConnection: close\r\n"
                          "Content-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n" + body);
    std::string buffer;
    support::HttpMessage message;
    EXPECT_TRUE(support::read_message(connection.get(), buffer, message));
    const auto blank = message.head.find(' ');
    return {static_cast<unsigned>(std::stoul(message.head.substr(blank + 1))), message.body};
  }
  Answer tell(Forge forge, const std::string& event, const std::string& delivery,
              const std::string& body) {
    return post(fields_of(forge, event, delivery, body), body);
  }

  std::size_t runs() {
    const std::string text = run({"runs"}).out;
    std::size_t count = 0;
    for (auto at = text.find("  far  "); at != std::string::npos; at = text.find("  far  ", at + 1))
      ++count;
    return count;
  }
  bool run_count_becomes(std::size_t count) {
    return eventually([&] { return runs() == count; });
  }
  std::string shown(const std::string& run) {
    product_.env()["PIPELINE_HOME"] = server_home().string();
    std::string text = product_.run({"show", run}).out;
    product_.env()["PIPELINE_HOME"] = product_.home().string();
    return text;
  }

  std::string secret_;

 private:
  int changes_ = 0;
};

class HooksOf : public Hooks, public testing::WithParamInterface<Forge> {};

TEST_P(HooksOf, APushStartsARunOnce) {
  add_far({"--forge", std::string(forge::to_string(GetParam()))});
  commit(kOnPush);
  move("main");
  const std::string body = push_payload();
  const Answer told = tell(GetParam(), "push", "d-1", body);
  EXPECT_EQ(told.status, 202U) << told.body;
  EXPECT_THAT(told.body, HasSubstr("a push to branch main"));
  ASSERT_TRUE(run_count_becomes(1));
  EXPECT_TRUE(comes("1", "build", "main built\n"));
  // The same delivery once more, and after that of another push: nothing is run twice.
  const Answer again = tell(GetParam(), "push", "d-1", body);
  EXPECT_EQ(again.status, 200U);
  EXPECT_THAT(again.body, HasSubstr("known already"));
  EXPECT_EQ(tell(GetParam(), "push", "d-2", body).status, 202U);
  commit(kOnPush);
  move("main");
  EXPECT_EQ(tell(GetParam(), "push", "d-3", push_payload()).status, 202U);
  ASSERT_TRUE(run_count_becomes(2));
  // A server that was started again knows what has come, and what had its runs.
  ASSERT_TRUE(is_noted("refs/heads/main"));
  kill_server();
  start_server();
  EXPECT_EQ(tell(GetParam(), "push", "d-3", push_payload()).status, 200U);
  EXPECT_EQ(runs(), 2U);
}

INSTANTIATE_TEST_SUITE_P(EveryForge, HooksOf, testing::ValuesIn(forge::kForges),
                         [](const auto& test) { return std::string(forge::title_of(test.param)); });

TEST_F(Hooks, WhatIsNotSignedIsRefused) {
  add_far({"--forge", "github"});
  commit(kOnPush);
  move("main");
  const std::string body = push_payload();
  const std::string fields = fields_of(Forge::github, "push", "d-1", body);
  EXPECT_EQ(post(fields, body + " ").status, 401U);
  EXPECT_EQ(post("X-GitHub-Event: push", body).status, 401U);
  // One that has no webhook, and one that is not there, cannot be told from it.
  EXPECT_EQ(post(fields, body, "shop").body, post(fields, body, "nobody").body);
  EXPECT_EQ(post(fields, body, "shop").status, 401U);
  // None of it was believed, and the id is not used up.
  EXPECT_EQ(runs(), 0U);
  EXPECT_EQ(post(fields, body).status, 202U);
  EXPECT_TRUE(run_count_becomes(1));
}

TEST_F(Hooks, WhatCannotBeReadIsSaidWithTheNextStep) {
  add_far({"--forge", "github"});
  const std::string form = "payload=%7B%7D";
  const Answer answer = post(fields_of(Forge::github, "push", "d-1", form) +
                                 "\r\nContent-Type: application/x-www-form-urlencoded",
                             form);
  EXPECT_EQ(answer.status, 422U);
  EXPECT_THAT(answer.body, HasSubstr("choose application/json"));
  EXPECT_EQ(tell(Forge::github, "push", "d-1", "{}").status, 422U);
  EXPECT_EQ(tell(Forge::github, "ping", "d-1", R"({"zen":"Keep it"})").status, 202U);
  const Answer star = tell(Forge::github, "star", "d-2", R"({"action":"created"})");
  EXPECT_EQ(star.status, 200U);
  EXPECT_THAT(star.body, HasSubstr("starts nothing"));
}

TEST_F(Hooks, TheServerLooksForItself) {
  add_far({"--poll", "1s"});
  EXPECT_EQ(runs(), 0U) << "what was there before is nobody's news";
  commit(kOnPush);
  move("main");
  move("topic");
  EXPECT_TRUE(run_count_becomes(2));
  ASSERT_TRUE(is_noted("refs/heads/main") && is_noted("refs/heads/topic"));
  // What is pushed while there is no server is seen by the next.
  kill_server();
  commit(kOnPush);
  move("main");
  start_server();
  EXPECT_TRUE(run_count_becomes(3));
}

TEST_F(Hooks, APullRequestIsBuiltAsItWouldBeMerged) {
  // Over the network, from where the server itself hosts it.
  std::string token = product_.env()["PIPELINE_TOKEN"];
  token.erase(token.find_last_not_of('\n') + 1);
  std::string place = url() + "/git/shop";
  place.insert(place.find("127"), "any:" + token + "@");
  const auto move_hosted = [&](const std::string& ref) {
    product_.git({"-c", "credential.helper=", "push", "--quiet", "--force", place, "HEAD:" + ref});
  };
  commit(kOnPullRequest);
  move_hosted("refs/heads/main");
  add_far({"--forge", "gitea"}, place);
  EXPECT_THAT(run({"repo", "list"}).out, Not(HasSubstr(token)));
  product_.git({"checkout", "--quiet", "-b", "topic"});
  product_.write("new", "of the pull request");
  commit(kOnPullRequest +
         "[[stage]]\nname = \"new\"\nrun = \"cat new; test -e old\"\n"
         "when = { changed = [\"new\"] }\n"
         "[[stage]]\nname = \"old\"\nrun = \"true\"\nwhen = { changed = [\"old\"] }\n");
  move_hosted("refs/pull/7/head");
  const std::string opened = pull_request_payload("opened", 1);
  product_.git({"checkout", "--quiet", "main"});
  product_.write("old", "of the branch");
  product_.git({"add", "old"});
  product_.git({"commit", "--quiet", "-m", "old"});
  move_hosted("refs/heads/main");
  product_.git({"merge", "--quiet", "--no-edit", "topic"});
  move_hosted("refs/pull/7/merge");
  EXPECT_EQ(tell(Forge::gitea, "pull_request", "d-1", opened).status, 202U);
  ASSERT_TRUE(run_count_becomes(1)) << run({"runs"}).out;
  EXPECT_TRUE(comes("1", "build", "pull/7 built\n"));
  EXPECT_TRUE(comes("1", "new", "of the pull request"));
  EXPECT_TRUE(eventually([&] { return shown("1").find("succeeded") != std::string::npos; }));
  EXPECT_THAT(shown("1"), HasSubstr("nothing changed that matches \"old\""));
}

TEST_F(Hooks, APullRequestOfAForkIsRunOnlyWhereItMayAndGetsNothing) {
  commit(kOnPullRequest);
  move("main");
  add_far({"--forge", "github", "--fork-pull-requests", "ignore"});
  move("refs/pull/7/head");
  const Answer ignored =
      tell(Forge::github, "pull_request", "d-1", pull_request_payload("opened", 2));
  EXPECT_EQ(ignored.status, 200U);
  EXPECT_THAT(ignored.body, HasSubstr("--fork-pull-requests run"));
  EXPECT_EQ(run({"repo", "remove", "far"}).exit_code, 0);

  add_far({"--forge", "github", "--fork-pull-requests", "run"});
  commit(kOnPullRequest +
         "[[stage]]\nname = \"publish\"\nneeds = []\nrun = \"true\"\n"
         "secrets = [\"TOKEN\"]\n");
  move("refs/pull/7/head");
  EXPECT_EQ(tell(Forge::github, "pull_request", "d-1", pull_request_payload("opened", 2)).status,
            202U);
  ASSERT_TRUE(run_count_becomes(1));
  EXPECT_TRUE(comes("1", "build", "pull/7 built\n"));
  EXPECT_THAT(shown("1"), HasSubstr("a pull request from a fork is given no secrets"));
}

TEST_F(Hooks, APullRequestOfAForkWaitsForAWordOnEachOfItsCommits) {
  commit(kOnPullRequest);
  move("main");
  add_far({"--forge", "github"});
  commit(kOnPullRequest +
         "[[stage]]\nname = \"publish\"\nneeds = []\nrun = \"true\"\nsecrets = [\"TOKEN\"]\n"
         "[[stage]]\nname = \"call\"\nneeds = []\nrun = \"true\"\n"
         "sandbox = { network = \"host\" }\n");
  move("refs/pull/7/head");
  const auto head = [&] { return product_.git({"rev-parse", "HEAD"}).substr(0, 40); };
  const auto waits = [&](const std::string& commit) {
    return eventually([&] { return run({"pulls"}).out.find(commit) != std::string::npos; });
  };
  const std::string first = head();
  EXPECT_EQ(tell(Forge::github, "pull_request", "d-1", pull_request_payload("opened", 2)).status,
            202U);
  ASSERT_TRUE(waits(first)) << server_said();
  EXPECT_THAT(run({"runs"}).err, HasSubstr("1 pull request from a fork waits for approval"));
  EXPECT_THAT(run({"runs", "--json"}).out, testing::IsEmpty());
  {
    const As bob(*this, "bob", "run");
    EXPECT_THAT(run({"pulls", "approve", "far", "7"}).err, HasSubstr("has not the scope approve"));
  }
  // What is pushed after somebody has looked is not what he looked at.
  commit(kOnPullRequest + "[[stage]]\nname = \"mine\"\nneeds = []\nrun = \"true\"\n");
  move("refs/pull/7/head");
  const std::string second = head();
  EXPECT_EQ(
      tell(Forge::github, "pull_request", "d-2", pull_request_payload("synchronize", 2)).status,
      202U);
  ASSERT_TRUE(waits(second));
  const auto late =
      product_.shell("curl --silent --oauth2-bearer " + token() + R"( --json '{"commit":")" +
                     first + "\"}' " + url() + "/api/v1/repositories/far/pull-requests/7/approve");
  EXPECT_THAT(late.out, HasSubstr("this commit of it does not wait"));
  EXPECT_EQ(
      run({"pulls", "reject", "far", "7"}).out,
      "pull request 7 of far at " + second.substr(0, 12) + " is turned away: it does not run\n");
  EXPECT_EQ(run({"pulls"}).out, "no pull request waits for approval\n");
  EXPECT_EQ(run({"pulls", "approve", "far", "7"}).exit_code, 2);
  // Back at the first: it waits like any other, and its runs get nothing once it is approved.
  product_.git({"reset", "--quiet", "--hard", first});
  move("refs/pull/7/head");
  EXPECT_EQ(
      tell(Forge::github, "pull_request", "d-3", pull_request_payload("synchronize", 2)).status,
      202U);
  ASSERT_TRUE(waits(first));
  {
    const As ann(*this, "ann", "approve");
    EXPECT_EQ(run({"pulls", "approve", "far", "7"}).out,
              "pull request 7 of far at " + first.substr(0, 12) + " is approved: its runs begin\n");
  }
  ASSERT_TRUE(run_count_becomes(1)) << server_said();
  EXPECT_TRUE(comes("1", "build", "pull/7 built\n"));
  EXPECT_THAT(shown("1"), HasSubstr("a pull request from a fork is given no secrets"));
  EXPECT_THAT(shown("1"), HasSubstr("a pull request from a fork gets no network of the machine"));
  EXPECT_THAT(run({"audit"}).out, HasSubstr("pull-requests/7/approve"));
  EXPECT_THAT(run({"audit"}).out, HasSubstr("at " + first));
  EXPECT_EQ(run({"pulls"}).out, "no pull request waits for approval\n");
}

TEST_F(Hooks, ANewerPushToAPullRequestSupersedesTheOlder) {
  const auto door = product_.root() / "door";
  std::filesystem::create_directory(door);
  const std::string head =
      "name = \"far\"\n"
      "concurrency = { group = \"{branch}\", superseded = \"cancel-running\" }\n"
      "[triggers]\npull_request = { branches = [\"main\"] }\n[[stage]]\nname = \"build\"\n"
      "run = '''\necho begun\nwhile ! test -e " +
      (door / "open").string() + "; do sleep 0.05; done\n'''\nsandbox = { readable = [\"" +
      door.string() + "\"] }\n";
  commit(head);
  move("main");
  add_far({"--forge", "github"});
  commit(head);
  move("refs/pull/7/head");
  EXPECT_EQ(tell(Forge::github, "pull_request", "d-1", pull_request_payload("opened", 1)).status,
            202U);
  ASSERT_TRUE(comes("1", "build", "begun"));
  commit(head);
  move("refs/pull/7/head");
  EXPECT_EQ(
      tell(Forge::github, "pull_request", "d-2", pull_request_payload("synchronize", 1)).status,
      202U);
  ASSERT_TRUE(comes("2", "build", "begun"));
  EXPECT_THAT(shown("1"), HasSubstr("superseded by run 2"));
  product_.write(door / "open", "");
  EXPECT_TRUE(eventually([&] { return shown("2").find("succeeded") != std::string::npos; }));
  // Whoever says that it was closed, and opened again, has told nothing new.
  EXPECT_EQ(tell(Forge::github, "pull_request", "d-3", pull_request_payload("closed", 1)).status,
            200U);
  EXPECT_EQ(tell(Forge::github, "pull_request", "d-4", pull_request_payload("reopened", 1)).status,
            202U);
  commit(head);
  move("refs/pull/7/head");
  EXPECT_EQ(
      tell(Forge::github, "pull_request", "d-5", pull_request_payload("synchronize", 1)).status,
      202U);
  EXPECT_TRUE(run_count_becomes(3));
}

TEST_F(Hooks, ASecretIsShownOnceAndKeptEncrypted) {
  const auto added = add_far({"--forge", "gitlab", "--poll", "1h"});
  std::string shown = added.out;
  shown.replace(shown.find(secret_), secret_.size(), "SECRET");
  shown.replace(shown.find(url()), url().size(), "SERVER");
  EXPECT_TRUE(matches_golden("e2e/hooks_repo_add.txt", shown));
  EXPECT_EQ(run({"repo", "add", "near", "--url", far().string(), "--poll", "never"}).out,
            "near is known; no push starts runs\n");
  const std::string list = run({"repo", "list"}).out;
  EXPECT_THAT(list, HasSubstr("far.git  webhooks of gitlab and a look every 1h\n"));
  EXPECT_THAT(list, HasSubstr("the push\n"));
  EXPECT_EQ(product_.shell("grep -rl '" + secret_ + "' " + server_home().string()).out, "");
  // A second one of that name changes nothing of the first.
  EXPECT_EQ(run({"repo", "add", "far", "--url", far().string()}).exit_code, 3);
  EXPECT_EQ(tell(Forge::gitlab, "push", "d-1", push_payload()).status, 202U);
}

TEST_F(Hooks, MistakesAreSaidWithTheNextStep) {
  const std::string url = far().string();
  EXPECT_THAT(run({"repo", "add", "x", "--forge", "github"}).err, HasSubstr("--url"));
  EXPECT_THAT(run({"repo", "add", "x", "--url", url, "--forge", "git"}).err, HasSubstr("gitea"));
  EXPECT_THAT(run({"repo", "add", "x", "--url", url, "--poll", "soon"}).err, HasSubstr("soon"));
  EXPECT_THAT(run({"repo", "add", "x", "--url", url, "--poll", "5ms"}).err,
              HasSubstr("once a second is the most"));
  EXPECT_THAT(run({"repo", "add", "x", "--url", url, "--fork-pull-requests", "run"}).err,
              HasSubstr("--forge"));
}

}  // namespace
}  // namespace pipeline::e2e
