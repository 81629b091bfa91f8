// One mail to one address, by SMTP (RFC 5321), with TLS and a login where the server wants them.
//
// Threads: one at a time; cut_off() from any.
#pragma once

#include <atomic>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace pipeline::notify {

// How mail leaves. A password goes over TLS only.
struct MailServer {
  enum class Security { starttls, tls, none };
  std::string host;  // an IPv6 address in its brackets
  std::uint16_t port = 0;
  Security security = Security::starttls;
  std::string user{};  // empty: nobody logs in
  std::string password{};
  std::string from{};  // the sender's address

  // smtp://HOST[:587] (STARTTLS, which the server must offer), smtps://HOST[:465] (TLS from the
  // start) or smtp+plain://HOST[:25] (none). ErrorKind::invalid, with a hint, for anything else.
  static base::Result<MailServer> parse(const std::string& url);
};

struct Mail {
  std::string id;  // Message-ID's part before the '@'
  std::string to;
  std::string subject;  // UTF-8, one line
  std::string text;     // UTF-8
  base::TimePoint at;
};

// The Subject field's value: as it is, or in encoded words (RFC 2047), folded.
std::string encoded_subject(const std::string& subject);

class Mailer {
 public:
  explicit Mailer(MailServer server) : server_(std::move(server)) {}

  // ErrorKind::invalid when the server refuses this mail for good.
  base::Result<> send(const Mail& mail);
  // Ends a transfer that is under way within about a second, and fails every later one.
  void cut_off() { is_cut_off_ = true; }

 private:
  const MailServer server_;
  std::atomic<bool> is_cut_off_{false};
};

}  // namespace pipeline::notify
