#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/unique_fd.h"
#include "stages/source/location.h"
#include "stages/source/mirror_keep.h"
#include "stages/source/network_stream.h"
#include "stages/source/refs.h"
#include "tests/unit/stages/source/source_fixture.h"

namespace pipeline::source {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

host::UniqueFd listen_anywhere(std::uint16_t& port) {
  host::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API.
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), generic, size) != 0 || ::listen(fd.get(), 8) != 0 ||
      ::getsockname(fd.get(), generic, &size) != 0)
    throw std::runtime_error("no socket");
  port = ntohs(address.sin_port);
  return fd;
}

// `git daemon --inetd` for every connection, so that the port is ours before the first client.
class GitServer {
 public:
  explicit GitServer(const fs::path& base) : listener_(listen_anywhere(port_)) {
    child_ = ::fork();
    if (child_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGCHLD, SIG_IGN);
    const std::string base_path = "--base-path=" + base.string();
    while (true) {
      const int client = ::accept(listener_.get(), nullptr, nullptr);
      if (::fork() != 0) {
        ::close(client);
        continue;
      }
      ::dup2(client, 0);
      ::dup2(client, 1);
      ::setenv("GIT_CONFIG_COUNT", "1", 1);
      ::setenv("GIT_CONFIG_KEY_0", "safe.directory", 1);
      ::setenv("GIT_CONFIG_VALUE_0", "*", 1);
      ::signal(SIGCHLD, SIG_DFL);
      ::execlp("git", "git", "daemon", "--inetd", "--export-all", base_path.c_str(), nullptr);
      ::_exit(127);
    }
  }
  ~GitServer() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  GitServer(const GitServer&) = delete;
  GitServer& operator=(const GitServer&) = delete;

  std::string url(const std::string& name) const {
    return "git://127.0.0.1:" + std::to_string(port_) + "/" + name;
  }

 private:
  std::uint16_t port_ = 0;
  host::UniqueFd listener_;
  pid_t child_ = -1;
};

class FetchTest : public SourceTest {
 protected:
  FetchTest() {
    repository.write("a", "1");
    first = repository.commit();
    repository.git("tag v1");
    repository.write("a", "2");
    second = repository.commit();
    repository.git("branch side HEAD~1");
  }
  Revision fetch(const std::string& location, const std::string& ref) {
    auto revision = source->fetch(location, ref, nullptr);
    if (!revision) throw std::runtime_error(revision.error().to_string());
    return *revision;
  }
  std::string first;
  std::string second;
};

TEST_F(FetchTest, FromAPath) {
  const Revision head = fetch(repository.path(), "");
  EXPECT_EQ(head.commit, second);
  EXPECT_EQ(head.branch, "main");
  EXPECT_EQ(*source->read_file(head, "a"), "2");
  EXPECT_EQ(fetch(repository.path(), "side").branch, "side");
  EXPECT_EQ(fetch(repository.path(), "v1").tag, "v1");
  EXPECT_EQ(fetch(repository.path(), first.substr(0, 10)).commit, first);
  EXPECT_EQ(fetch(repository.path(), "refs/heads/side").branch, "side");
  EXPECT_EQ(fetch("file://" + repository.path().string(), "").repository,
            fs::canonical(repository.path()).string());
  EXPECT_THAT(
      *source->changed_paths(head.repository, fetch(repository.path(), "side").tree, head.tree),
      ElementsAre("a"));
}

TEST_F(FetchTest, FromABareRepository) {
  const support::TemporaryDirectory parent;
  const std::string bare = (parent.path() / "bare.git").string();
  repository.git("clone -q --bare . '" + bare + "'");
  const Revision revision = fetch(bare, "side");
  EXPECT_EQ(revision.commit, first);
  EXPECT_TRUE(source->work_tree(revision.repository, revision.tree));
}

TEST_F(FetchTest, OverTheNetworkOnlyWhatIsNew) {
  const GitServer server(repository.path().parent_path());
  const std::string url = server.url(repository.path().filename());
  std::uint64_t objects = 0;
  const FetchObserver observer = [&](const FetchProgress& p) { objects = p.received_objects; };
  auto revision = source->fetch(url, "", observer);
  ASSERT_TRUE(revision) << revision.error().to_string();
  EXPECT_EQ(revision->commit, second);
  EXPECT_EQ(revision->branch, "main");
  EXPECT_EQ(revision->repository, url);
  EXPECT_EQ(objects, 6U);

  repository.write("b", "3");
  const std::string third = repository.commit();
  repository.git("branch -D side");
  revision = source->fetch(url, "main", observer);
  ASSERT_TRUE(revision) << revision.error().to_string();
  EXPECT_EQ(revision->commit, third);
  EXPECT_EQ(objects, 3U);
  EXPECT_EQ(*source->read_file(*revision, "b"), "3");
  EXPECT_FALSE(source->fetch(url, "side", nullptr)) << "branches that are gone are pruned";

  const auto tree = source->work_tree(revision->repository, revision->tree);
  ASSERT_TRUE(tree);
  EXPECT_TRUE(fs::exists(tree->path() / "b"));
}

TEST_F(FetchTest, RefsAreToldWithoutFetching) {
  repository.git("tag -a -m notes v2");
  repository.git("update-ref refs/pull/7/head HEAD~1");
  const std::string note = repository.git("rev-parse v2");
  const Refs refs = {{"refs/heads/main", second},
                     {"refs/heads/side", first},
                     {"refs/tags/v1", first},
                     {"refs/tags/v2", note},
                     {"refs/pull/7/head", first}};
  EXPECT_EQ(*refs_at(repository.path()), refs);
  EXPECT_EQ(*refs_at("file://" + repository.path().string()), refs);
  const GitServer server(repository.path().parent_path());
  const auto remote = refs_at(server.url(repository.path().filename()));
  ASSERT_TRUE(remote) << remote.error().to_string();
  EXPECT_EQ(*remote, refs);
  EXPECT_FALSE(fs::exists(state.path() / "mirrors"));
  EXPECT_FALSE(refs_at(server.url("elsewhere")));
  EXPECT_EQ(refs_at("/nowhere").error().kind(), base::ErrorKind::invalid);
}

// As forges keep pull requests.
TEST_F(FetchTest, AMergeSaysWhatItWouldBring) {
  repository.git("checkout -q -b topic HEAD~1");
  repository.write("b", "new");
  const std::string head = repository.commit();
  repository.git("checkout -q main");
  repository.git("update-ref refs/pull/7/head topic");
  repository.git("checkout -q --detach");
  repository.git("merge -q --no-edit topic");
  repository.git("update-ref refs/pull/7/merge HEAD");
  repository.git("checkout -q main");
  const GitServer server(repository.path().parent_path());
  const Revision merge = fetch(server.url(repository.path().filename()), "refs/pull/7/merge");
  EXPECT_THAT(merge.parents, ElementsAre(second, head));
  EXPECT_EQ(merge.branch, "");
  EXPECT_THAT(*source->brought_by(merge.repository, second, merge.commit), ElementsAre("b"));
  // The branch changed "a" meanwhile, which is none of the pull request's doing.
  EXPECT_THAT(*source->brought_by(merge.repository, second, head), ElementsAre("b"));
  EXPECT_FALSE(source->brought_by(merge.repository, std::string(40, '1'), head));
}

TEST_F(FetchTest, KeepsNoPasswordOfAUrl) {
  const GitServer server(repository.path().parent_path());
  std::string url = server.url(repository.path().filename());
  url.insert(url.find("127"), "me:t0ken-word@");
  EXPECT_EQ(fetch(url, "").commit, second);
  for (const auto& entry : fs::recursive_directory_iterator(state.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(host::read_file(entry.path())->find("t0ken-word"), std::string::npos) << entry.path();
  }
}

TEST_F(FetchTest, AKnownCommitNeedsNoNetwork) {
  std::string url;
  {
    const GitServer server(repository.path().parent_path());
    url = server.url(repository.path().filename());
    fetch(url, "");
  }
  EXPECT_EQ(fetch(url, first).commit, first);
  const auto gone = source->fetch(url, "main", nullptr);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind(), base::ErrorKind::unavailable);
  EXPECT_TRUE(gone.error().hint());
}

TEST_F(FetchTest, AMirrorThatWentIsFetchedAgain) {
  const GitServer server(repository.path().parent_path());
  const std::string url = server.url(repository.path().filename());
  const Revision head = fetch(url, "");
  const MirrorKeep keep(state.path() / "mirrors");
  const std::string name = mirror_name(url);
  EXPECT_THAT(keep.all(), ElementsAre(name));
  EXPECT_GT(keep.size_of(name), 0U);
  state.write("mirrors/.going-other/HEAD", "left by one that was killed");
  ASSERT_TRUE(keep.remove(name));
  EXPECT_THAT(keep.all(), IsEmpty());
  EXPECT_EQ(keep.used_at(name), std::nullopt);
  EXPECT_FALSE(fs::exists(state.path() / "mirrors/.going-other"));
  EXPECT_TRUE(keep.remove(name)) << "it has gone already";
  EXPECT_FALSE(source->work_tree(url, head.tree));
  EXPECT_EQ(fetch(url, "").commit, second);
  EXPECT_TRUE(source->work_tree(url, head.tree));
}

TEST_F(FetchTest, WhoTakesATreeUsesItsMirror) {
  const GitServer server(repository.path().parent_path());
  const std::string url = server.url(repository.path().filename());
  const Revision head = fetch(url, "");
  const MirrorKeep keep(state.path() / "mirrors");
  const fs::path lock = state.path() / "mirrors" / (mirror_name(url) + ".lock");
  fs::last_write_time(lock, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const auto before = keep.used_at(mirror_name(url));
  ASSERT_TRUE(source->work_tree(url, head.tree));
  EXPECT_GT(keep.used_at(mirror_name(url)), before);
}

TEST_F(FetchTest, WhatIsNowhereElseIsNotAmongTheMirrorsThatMayGo) {
  fetch(repository.path(), "");
  EXPECT_THAT(MirrorKeep(state.path() / "mirrors").all(), IsEmpty());
}

TEST_F(FetchTest, ASilentServerIsGivenUp) {
  set_network_idle_seconds(1);
  std::uint16_t port = 0;
  const host::UniqueFd silent = listen_anywhere(port);
  for (const std::string scheme : {"git", "http"}) {
    const auto revision =
        source->fetch(scheme + "://127.0.0.1:" + std::to_string(port) + "/x", "", nullptr);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind(), base::ErrorKind::unavailable);
    EXPECT_THAT(revision.error().to_string(), HasSubstr("did not answer"));
  }
  for (const auto& entry : fs::directory_iterator(state.path() / "mirrors"))
    EXPECT_FALSE(entry.is_directory()) << "nothing half-done stays: " << entry.path();
  set_network_idle_seconds(kNetworkIdleSeconds);
}

TEST_F(FetchTest, WhoStopsWaitsForNobody) {
  std::uint16_t port = 0;
  const host::UniqueFd silent = listen_anywhere(port);
  {
    const NetworkGivenUp stopping;
    const auto revision =
        source->fetch("git://127.0.0.1:" + std::to_string(port) + "/x", "", nullptr);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind(), base::ErrorKind::unavailable);
    EXPECT_THAT(revision.error().to_string(), HasSubstr("is stopping"));
  }
  const GitServer server(repository.path().parent_path());
  EXPECT_EQ(fetch(server.url(repository.path().filename()), "").commit, second);
}

TEST_F(FetchTest, UnknownRefsSuggestTheNearest) {
  const auto revision = source->fetch(repository.path(), "sidd", nullptr);
  ASSERT_FALSE(revision);
  EXPECT_EQ(revision.error().kind(), base::ErrorKind::invalid);
  EXPECT_EQ(revision.error().hint().value_or(""), "did you mean \"side\"?");
}

TEST_F(FetchTest, AnEmptyRepositoryHasNothingToBuild) {
  const support::GitRepository empty;
  const auto revision = source->fetch(empty.path(), "", nullptr);
  ASSERT_FALSE(revision);
  EXPECT_THAT(revision.error().to_string(), HasSubstr("has no commit yet"));
}

TEST(Location, NoCredentialsAreShown) {
  EXPECT_EQ(without_credentials("cannot read https://me:token@host/a/b@c or 'http://x@y'."),
            "cannot read https://host/a/b@c or 'http://y'.");
  EXPECT_EQ(without_credentials("me@host, ftp://host"), "me@host, ftp://host");
  for (const std::string text :
       {"ssh://me:token@host/x", "me:token@host:x", "ftp://me:token@host/x", "https:/me:token@host",
        "file://me:token@host/x", "https://me:to/token@host/x", "https://me:token:@host:x/y"}) {
    const auto refused = parse_location(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid);
    EXPECT_EQ(refused.error().to_string().find("token"), std::string::npos)
        << refused.error().to_string();
  }
  EXPECT_TRUE(parse_location("https://[::1]/x"));
  EXPECT_TRUE(parse_location("https://[::1]:8080/x"));
}

TEST(Location, PathsUrlsAndWhatIsRefused) {
  const auto local = [](const std::string& text) {
    return std::get<LocalLocation>(*parse_location(text)).path.string();
  };
  EXPECT_EQ(local("/x/y"), "/x/y");
  EXPECT_EQ(local("file:///x/a%20b"), "/x/a b");
  EXPECT_EQ(local("file://localhost/x"), "/x");
  EXPECT_EQ(local("y"), (fs::current_path() / "y").string());
  const auto remote = std::get<RemoteLocation>(*parse_location("https://me:token@host/a/b@c/"));
  EXPECT_EQ(remote.url, "https://me:token@host/a/b@c/");
  EXPECT_EQ(remote.key, "https://host/a/b@c");
  for (const std::string text :
       {"", "file://other/x", "ssh://host/x", "git@host:x/y", "ftp://host/x"}) {
    const auto refused = parse_location(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind(), base::ErrorKind::invalid);
  }
}

TEST(Location, MirrorNamesAreReadableAndUnique) {
  EXPECT_EQ(mirror_name("https://host/shop").substr(0, 5), "shop-");
  EXPECT_NE(mirror_name("https://host/shop"), mirror_name("https://other/shop"));
  EXPECT_EQ(mirror_name("/x/../..").find('/'), std::string::npos);
}

}  // namespace
}  // namespace pipeline::source
