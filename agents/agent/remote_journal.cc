#include "agents/agent/remote_journal.h"

#include <utility>

#include "agents/agent/place_in_url.h"
#include "agents/http/http_client.h"
#include "agents/protocol/agent_messages_json.h"
#include "pipelines/rollout/journal_json.h"

namespace pipeline::agent {

namespace {

using base::ErrorKind;
using base::Result;
using deploy::EnvironmentKey;
using protocol::JournalAsk;
using protocol::JournalReply;
using Kind = JournalAsk::Kind;

// Not found: the server was started again, and does not know the agent yet.
bool may_come_back(const base::Error& error) {
  return error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::timed_out ||
         error.kind() == ErrorKind::not_found;
}

Result<http_client::Settings> settings_of(const protocol::JournalAccess& access) {
  http_client::Settings settings{.server = {}, .token = access.token};
  PIPELINE_ASSIGN(settings.server, http_client::ServerAddress::parse(access.server));
  if (!access.authorities.empty()) settings.authorities = access.authorities;
  return settings;
}

}  // namespace

AskJournal journal_over_http(const protocol::JournalAccess& access,
                             const protocol::AttemptKey& attempt) {
  const std::string path = path_of_agent(access.agent) + "/journal?" +
                           query_of({.attempt = attempt, .fence = access.fence});
  return [access, path, client = std::shared_ptr<http_client::HttpClient>()](
             const JournalAsk& ask) mutable -> Result<JournalReply> {
    if (!client) {
      PIPELINE_ASSIGN(auto settings, settings_of(access));
      client = http_client::HttpClient::create(std::move(settings));
    }
    PIPELINE_ASSIGN(const http_client::Reply reply,
                    http_client::expect_success(
                        client->call({.method = "POST", .path = path, .body = to_json(ask)})));
    return protocol::message_from_json<JournalReply>(reply.body);
  };
}

Result<JournalReply> RemoteJournal::Line::call(const JournalAsk& what) const {
  for (std::uint32_t tries = 1;; ++tries) {
    auto reply = ask(what);
    if (reply || !may_come_back(reply.error()) || tries >= patience.tries) return reply;
    patience.pause();
  }
}

// In both queues. The server's is joined at once: whoever drove before has nothing to write from
// then on, and is waited for here.
class RemoteJournal::Place final : public deploy::QueuePlace {
 public:
  Place(std::shared_ptr<const Line> line, std::unique_ptr<deploy::QueuePlace> local)
      : line_(std::move(line)), local_(std::move(local)) {}
  // A server that does not hear it takes the place back with the lease. It is not waited for.
  ~Place() override {
    if (is_there_) (void)line_->ask({.kind = Kind::leave});
  }
  Result<> join() {
    return look().map([](const JournalReply& /*reply*/) {});
  }

  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  Result<deploy::Turn> poll() override {
    if (local_ && !is_free_here_) {
      PIPELINE_ASSIGN(deploy::Turn here, local_->poll());
      if (!here.fence) return here;
      is_free_here_ = true;
    }
    if (turn_) return deploy::Turn{turn_, {}};
    PIPELINE_ASSIGN(JournalReply reply, look());
    return deploy::Turn{turn_, std::move(reply.holder)};
  }

 private:
  Result<JournalReply> look() {
    is_there_ = true;
    PIPELINE_ASSIGN(JournalReply reply, line_->call({.kind = Kind::turn}));
    turn_ = reply.turn;
    return reply;
  }

  const std::shared_ptr<const Line> line_;
  const std::unique_ptr<deploy::QueuePlace> local_;
  bool is_there_ = false;
  bool is_free_here_ = false;
  std::optional<std::uint64_t> turn_;
};

RemoteJournal::RemoteJournal(AskJournal ask, EnvironmentKey own, Patience patience,
                             LocalPlace local_place)
    : line_(std::make_shared<Line>(Line{std::move(ask), std::move(patience)})),
      own_(std::move(own)),
      local_place_(std::move(local_place)) {}

Result<> RemoteJournal::expect_own(const EnvironmentKey& key) const {
  if (key == own_) return {};
  return base::fail(ErrorKind::invalid,
                    "this deployment is to " + own_.environment + ", not to " + key.environment);
}

Result<std::unique_ptr<deploy::QueuePlace>> RemoteJournal::enqueue(const EnvironmentKey& key) {
  PIPELINE_TRY(expect_own(key));
  std::unique_ptr<deploy::QueuePlace> local;
  if (local_place_) {
    PIPELINE_ASSIGN(local, local_place_(key));
  }
  auto place = std::make_unique<Place>(line_, std::move(local));
  PIPELINE_TRY(place->join());
  return std::unique_ptr<deploy::QueuePlace>(std::move(place));
}

Result<JournalReply> RemoteJournal::read_reply(const EnvironmentKey& key) {
  if (key.pipeline != own_.pipeline) PIPELINE_TRY(expect_own(key));
  return line_->call({.kind = Kind::read, .environment = key.environment});
}

Result<std::optional<std::string>> RemoteJournal::holder(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(JournalReply reply, read_reply(key));
  if (reply.holder.empty()) return std::nullopt;
  return std::move(reply.holder);
}

Result<> RemoteJournal::append(const EnvironmentKey& key, std::uint64_t fence,
                               const rollout::Entry& entry) {
  PIPELINE_TRY(expect_own(key));
  return line_->call({.kind = Kind::append, .turn = fence, .entry = rollout::to_json(entry)})
      .map([](const JournalReply& /*reply*/) {});
}

Result<std::vector<rollout::Entry>> RemoteJournal::read(const EnvironmentKey& key) {
  PIPELINE_ASSIGN(const JournalReply reply, read_reply(key));
  std::vector<rollout::Entry> entries;
  for (const std::string& line : reply.entries) {
    PIPELINE_ASSIGN(auto entry, rollout::entry_from_json(line));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::vector<EnvironmentKey>> RemoteJournal::environments() {
  PIPELINE_ASSIGN(const JournalReply reply, read_reply(own_));
  if (reply.entries.empty()) return std::vector<EnvironmentKey>();
  return std::vector{own_};
}

Result<std::uint64_t> RemoteJournal::newest() {
  return read_reply(own_).map([](const JournalReply& reply) { return reply.newest; });
}

Result<toggle::Settings> RemoteJournal::settings() {
  PIPELINE_ASSIGN(const JournalReply reply, line_->call({.kind = Kind::settings}));
  toggle::Settings settings;
  for (const auto& [flag, value] : reply.settings) settings[flag].value = value;
  return settings;
}

}  // namespace pipeline::agent
