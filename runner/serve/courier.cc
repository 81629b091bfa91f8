#include "runner/serve/courier.h"

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "runner/forge/commit_status.h"
#include "runner/notify/back_off.h"
#include "runner/notify/cdevent.h"
#include "runner/notify/message.h"
#include "runner/store/forge_token.h"

namespace pipeline::serve {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using store::Channel;
using store::Notice;
using store::NoticeState;

constexpr std::size_t kAtATime = 50;
constexpr std::chrono::seconds kAfterTrouble{5};
constexpr std::chrono::hours kUnasked{1};
// A receiver that asks for more is not asked for a day.
constexpr base::Duration kLongestAsked = std::chrono::hours(24);
// For whoever looks what was told, and what was not.
constexpr std::chrono::days kKept{14};

bool is_success(unsigned status) {
  return status >= 200 && status < 300;
}

// The message itself is refused: another try would be, too.
bool is_refused_for_good(unsigned status) {
  return status == 400 || status == 410 || status == 413 || status == 422;
}

// What it says beside its status, for a person; a stranger's words.
std::string answer_of(const http_client::Reply& reply) {
  constexpr std::size_t kMost = 120;
  std::string text = "it answered with status " + std::to_string(reply.status);
  const std::string body = base::elide(base::printable(reply.body), kMost);
  return body.empty() ? text : text + ": " + body;
}

Result<> expect_taken(const Result<http_client::Reply>& reply) {
  if (!reply) return base::fail(reply.error());
  if (is_success(reply->status)) return {};
  return base::fail(is_refused_for_good(reply->status) ? ErrorKind::invalid : ErrorKind::failed,
                    answer_of(*reply));
}

// "status of far", "mail to a@example.org", "webhook CI_HOOK", "traces to 127.0.0.1:4318".
std::string describe(const Notice& notice) {
  const std::string channel(to_string(notice.channel));
  if (notice.channel == Channel::status) return channel + " of " + notice.receiver;
  if (notice.channel == Channel::mail || notice.channel == Channel::traces)
    return channel + " to " + notice.receiver;
  return channel + " " + notice.receiver;
}

// What an operator can put right is worth another try.
template <class Value>
Result<Value> mendable(Result<Value> result) {
  if (result || result.error().kind() != ErrorKind::invalid) return result;
  return base::fail(ErrorKind::failed, result.error().to_string());
}

bool is_silence(const Error& error) {
  return error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::timed_out;
}

}  // namespace

base::TimePoint Courier::advance() {
  auto next = deliver_all();
  if (const auto counted = recount(); next && !counted) next = base::fail(counted.error());
  if (next) return *next;
  parts_.tell("what is to be told waits: " + next.error().to_string());
  return parts_.clock.now() + kAfterTrouble;
}

Result<base::TimePoint> Courier::deliver_all() {
  silent_.clear();
  const base::TimePoint now = parts_.clock.now();
  if (!forgot_at_ || *forgot_at_ + kUnasked <= now) {
    PIPELINE_TRY(parts_.notices.forget_before(now - kKept));
    forgot_at_ = now;
  }
  PIPELINE_ASSIGN(const auto notices, parts_.notices.next(kAtATime));
  for (const Notice& notice : notices) {
    if (notice.at > now) return std::min(notice.at, now + kUnasked);
    {
      const std::scoped_lock guard(mutex_);
      if (is_cut_off_) return now + kUnasked;
    }
    PIPELINE_TRY(deliver(notice));
  }
  // There may be more, and those that were put off have their time.
  return notices.size() < kAtATime && notices.empty() ? now + kUnasked : now;
}

Result<> Courier::deliver(Notice notice) {
  const auto silent = silent_.find({notice.channel, notice.receiver});
  auto sent = silent == silent_.end() ? send(notice) : base::fail(silent->second);
  if (!sent && sent.error().kind() == ErrorKind::cancelled) return {};
  notice.tries += 1;
  notice.at = parts_.clock.now();
  if (sent) {
    notice.state = NoticeState::sent;
    notice.trouble.clear();
    const std::scoped_lock guard(mutex_);
    ++snapshot_.sent[std::string(to_string(notice.channel))];
  } else {
    if (is_silence(sent.error()))
      silent_.try_emplace({notice.channel, notice.receiver}, sent.error());
    note_failure(notice, sent.error());
  }
  return parts_.notices.settle(notice);
}

void Courier::note_failure(Notice& notice, const Error& error) {
  notice.trouble = error.to_string();
  const auto wait =
      error.kind() == ErrorKind::invalid ? std::nullopt : notify::wait_after(notice.tries);
  std::string line = describe(notice) + " is not told of run " + std::to_string(notice.run) + ": " +
                     notice.trouble;
  const std::string channel(to_string(notice.channel));
  const std::scoped_lock guard(mutex_);
  ++snapshot_.failed_tries[channel];
  snapshot_.last_failure = notice.at;
  if (wait) {
    notice.at += *wait;
    line += "; tried again in " + base::format_duration(*wait);
  } else {
    notice.state = NoticeState::failed;
    ++snapshot_.given_up[channel];
    line += "; given up";
  }
  parts_.tell(line);
}

Result<> Courier::send(const Notice& notice) {
  switch (notice.channel) {
    case Channel::status:
      return send_status(notice);
    case Channel::mail:
      return send_mail(notice);
    case Channel::webhook:
      return send_webhook(notice);
    case Channel::cdevents:
      return send_cdevent(notice);
    case Channel::traces:
      return send_trace(notice);
    case Channel::slack:
      break;
  }
  PIPELINE_ASSIGN(const std::string url, secret_of(notice, notice.receiver));
  return expect_taken(outgoing_.post(url, {}, "application/json", notice.body));
}

Result<> Courier::send_status(const Notice& notice) {
  PIPELINE_ASSIGN(const auto entry, parts_.repositories.find(notice.receiver));
  if (!entry || !entry->url || !entry->forge)
    return base::fail(ErrorKind::invalid, "there is no such repository of a forge any more");
  PIPELINE_ASSIGN(const auto token, parts_.secrets.get(store::forge_token_of(entry->name)));
  if (!token) {
    return base::fail(
        Error(ErrorKind::not_found, "there is no token for its forge")
            .hint("pipeline repo set " + entry->name + " --api-token-file FILE gives one"));
  }
  PIPELINE_ASSIGN(const auto place,
                  mendable(forge::place_of(*entry->forge, *entry->url, entry->api_url)));
  const auto reply =
      outgoing_.post(forge::url_of(*entry->forge, place, notice.detail),
                     forge::fields_of(*entry->forge, *token), "application/json", notice.body);
  if (reply && forge::says_known(*entry->forge, reply->status, reply->body)) return {};
  return expect_taken(reply);
}

Result<> Courier::send_webhook(const Notice& notice) {
  PIPELINE_ASSIGN(const std::string url, secret_of(notice, notice.receiver));
  PIPELINE_ASSIGN(const std::string key, secret_of(notice, notice.detail));
  PIPELINE_ASSIGN(const auto fields, mendable(notify::webhook_fields(notice.id, parts_.clock.now(),
                                                                     notice.body, key)));
  return expect_taken(outgoing_.post(url, fields, "application/json", notice.body));
}

Result<> Courier::send_cdevent(const Notice& notice) {
  PIPELINE_ASSIGN(const std::string url, secret_of(notice, notice.receiver));
  PIPELINE_ASSIGN(const auto fields, notify::cdevent_fields(notice.body));
  return expect_taken(outgoing_.post(url, fields, "application/json", notice.body));
}

Result<> Courier::send_mail(const Notice& notice) {
  if (parts_.mailer == nullptr)
    return base::fail(ErrorKind::not_found, "this server sends no mail ([mail] in server.toml)");
  return parts_.mailer->send({.id = notice.id,
                              .to = notice.receiver,
                              .subject = notice.summary,
                              .text = notice.body,
                              .at = notice.made_at});
}

Result<> Courier::send_trace(const Notice& notice) {
  if (!parts_.traces) return base::fail(ErrorKind::invalid, "nobody wants traces any more");
  return expect_taken(
      outgoing_.post(parts_.traces->url, parts_.traces->fields, "application/json", notice.body));
}

Result<std::string> Courier::secret_of(const Notice& notice, const std::string& name) {
  PIPELINE_ASSIGN(const auto id, parts_.secrets.choose(name, notice.repository));
  std::optional<std::string> value;
  if (id) {
    PIPELINE_ASSIGN(value, parts_.secrets.get(*id));
  }
  if (value) return *std::move(value);
  return base::fail(ErrorKind::not_found, "there is no secret \"" + name + '"');
}

Result<> Courier::recount() {
  PIPELINE_ASSIGN(auto counts, parts_.notices.counts());
  const std::scoped_lock guard(mutex_);
  snapshot_.kept = std::move(counts);
  return {};
}

void Courier::cut_off() {
  {
    const std::scoped_lock guard(mutex_);
    is_cut_off_ = true;
  }
  outgoing_.cut_off();
  if (parts_.mailer != nullptr) parts_.mailer->cut_off();
}

Courier::Snapshot Courier::snapshot() const {
  const std::scoped_lock guard(mutex_);
  return snapshot_;
}

}  // namespace pipeline::serve
