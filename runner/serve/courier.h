// Delivers what is in the outbox (store/notice_store.h): each message until its receiver has said
// that it has it, or until it was tried often enough.
//
// At least once: a server that dies between a receiver's word and noting it sends the message
// again, with the id that it had. One at a time, so that a status never overtakes an earlier one; a
// receiver that does not answer puts off its own messages and nobody else's.
// Threads: advance() and what the parts refer to on one; cut_off() and snapshot() from any.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "pipelines/base/clock.h"
#include "runner/notify/mailer.h"
#include "runner/notify/outgoing.h"
#include "runner/store/notice_store.h"
#include "runner/store/repository_store.h"
#include "runner/store/secret_vault.h"
#include "runner/trace/otlp_receiver.h"

namespace pipeline::serve {

class Courier {
 public:
  // What they refer to outlives it.
  struct Parts {
    store::NoticeStore& notices;
    store::RepositoryStore& repositories;
    store::SecretVault& secrets;
    notify::Mailer* mailer = nullptr;  // null: no mail leaves
    const base::Clock& clock;
    std::function<void(const std::string& line)> tell;
    std::optional<trace::OtlpReceiver> traces{};  // none: nobody wants any (more)
  };

  explicit Courier(Parts parts) : parts_(std::move(parts)) {}

  // Delivers what is due. Returns when it is to be called next, if nothing is added before.
  base::TimePoint advance();
  // What is under way ends soon, as a try that came to nothing and does not count.
  void cut_off();

  // Since the server started, by channel; and how many there are of each state.
  struct Snapshot {
    std::map<std::string, std::uint64_t> sent;
    std::map<std::string, std::uint64_t> failed_tries;
    std::map<std::string, std::uint64_t> given_up;
    std::map<store::NoticeState, std::uint64_t> kept;
    std::optional<base::TimePoint> last_failure;
  };
  Snapshot snapshot() const;

 private:
  base::Result<base::TimePoint> deliver_all();
  base::Result<> deliver(store::Notice notice);
  base::Result<> send(const store::Notice& notice);
  base::Result<> send_status(const store::Notice& notice);
  base::Result<> send_webhook(const store::Notice& notice);
  base::Result<> send_cdevent(const store::Notice& notice);
  base::Result<> send_mail(const store::Notice& notice);
  base::Result<> send_trace(const store::Notice& notice);
  // The secret that the notice's pipeline calls by that name.
  base::Result<std::string> secret_of(const store::Notice& notice, const std::string& name);
  void note_failure(store::Notice& notice, const base::Error& error);
  base::Result<> recount();

  const Parts parts_;
  notify::Outgoing outgoing_;
  // Of this pass: channels and receivers that do not answer, and why.
  std::map<std::pair<store::Channel, std::string>, base::Error> silent_;
  std::optional<base::TimePoint> forgot_at_;
  mutable std::mutex mutex_;  // guards what follows
  bool is_cut_off_ = false;
  Snapshot snapshot_;
};

}  // namespace pipeline::serve
