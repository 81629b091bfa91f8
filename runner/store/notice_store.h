// What a server has to tell the world of its runs, until it has been told, and how far the telling
// has come: the outbox. A port; tests/contract/runner/store is its contract.
//
// What a run is worth telling follows from its events, which are the truth: here is kept how far
// they were looked at, together with what that brought. So nothing is told of that did not happen,
// and nothing is lost or written twice, whenever the server dies.
//
// Several processes may have one open on the same storage; a call is one transaction. Every change
// survives a power cut once the call has returned. Threads: an object belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/run/event.h"

namespace pipeline::store {

enum class Channel : std::uint8_t { status, mail, slack, webhook, cdevents, traces };
std::string_view to_string(Channel channel);
std::optional<Channel> channel_of(std::string_view word);

enum class NoticeState : std::uint8_t {
  waiting,  // for its first or its next try
  sent,     // the receiver has said that it has it
  failed,   // given up
};
std::string_view to_string(NoticeState state);
std::optional<NoticeState> notice_state_of(std::string_view word);

// One message to one receiver.
struct Notice {
  std::uint64_t number = 0;  // 1, 2, 3 …: the store's to choose
  std::string id;            // what the receiver knows it by: the same in every try
  run::RunId run = 0;
  std::uint64_t sequence = 0;  // of the event that it tells of
  std::string repository;      // the run's, as RunSpec::repository
  Channel channel = Channel::webhook;
  std::string receiver;  // a repository's name, an address, or the name of a secret
  // What else it takes to send it: a commit, or the name of the secret that signs.
  std::string detail{};
  // Of what it says the newest: an older one of the same topic, channel and receiver that still
  // waits is no news any more. Empty: all are.
  std::string topic{};
  std::string summary{};  // one line, for a person; the subject of a mail
  std::string body{};     // as it is sent; empty once it has been
  base::TimePoint made_at{};
  NoticeState state = NoticeState::waiting;
  std::uint32_t tries = 0;
  base::TimePoint at{};   // of the next try; of a settled one: when that was
  std::string trouble{};  // of the last try; empty: it went well, or there was none
  bool operator==(const Notice&) const = default;
};

// Which notices a listing is of: those that fit all that is said.
struct NoticeQuery {
  std::optional<NoticeState> state{};
  std::optional<std::uint64_t> before{};  // older than the one of that number
  std::size_t limit = 50;
};

class NoticeStore {
 public:
  virtual ~NoticeStore() = default;

  // Runs with events that were not looked at yet, oldest first.
  virtual base::Result<std::vector<run::RunId>> untold() = 0;
  // The sequence number of the newest event that was looked at; 0: none, or no such run.
  virtual base::Result<std::uint64_t> told(run::RunId run) = 0;
  // Adds these, of that run, and notes that its events were looked at up to that one. What is there
  // already (the same run, event, channel, receiver and detail) is left as it is.
  virtual base::Result<> add(run::RunId run, std::uint64_t through,
                             std::span<const Notice> notices) = 0;

  // Those whose turn comes first, by the time of their next try, then by number.
  virtual base::Result<std::vector<Notice>> next(std::size_t most) = 0;
  // What became of a try: state, tries, at and trouble of the notice of that number are kept. One
  // that has gone meanwhile stays gone.
  virtual base::Result<> settle(const Notice& notice) = 0;

  // Newest first, without their bodies.
  virtual base::Result<std::vector<Notice>> list(const NoticeQuery& query) = 0;
  // How many there are of each state.
  virtual base::Result<std::map<NoticeState, std::uint64_t>> counts() = 0;
  // Settled ones whose end is older than that.
  virtual base::Result<> forget_before(base::TimePoint at) = 0;
};

}  // namespace pipeline::store
