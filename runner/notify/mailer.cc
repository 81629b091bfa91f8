#include "runner/notify/mailer.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include "pipelines/base/base64.h"
#include "pipelines/base/text.h"
#include "runner/notify/curl_library.h"
#include "stages/host/listener.h"

// curl_easy_setopt is a C function of any arguments.
// NOLINTBEGIN(cppcoreguidelines-pro-type-vararg,hicpp-vararg)
namespace pipeline::notify {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr long kSecondsToConnect = 10;
constexpr long kSecondsInAll = 30;

struct Scheme {
  std::string_view prefix;
  MailServer::Security security;
  std::uint16_t port;
};
constexpr std::array kSchemes = {Scheme{"smtp://", MailServer::Security::starttls, 587},
                                 Scheme{"smtps://", MailServer::Security::tls, 465},
                                 Scheme{"smtp+plain://", MailServer::Security::none, 25}};

// "Sun, 29 Nov 2026 21:50:29 +0000" (RFC 5322, section 3.3).
std::string date_of(base::TimePoint at) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(at));
  std::tm parts{};
  (void)::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &parts);
  return {text.data(), size};
}

std::string host_of(const std::string& address) {
  return address.substr(address.find('@') + 1);
}

std::string url_of(const MailServer& server) {
  const bool is_tls = server.security == MailServer::Security::tls;
  // What follows the host is what we call ourselves.
  return (is_tls ? "smtps://" : "smtp://") + server.host + ":" + std::to_string(server.port) + "/" +
         host_of(server.from);
}

// Lines of 76 digits (RFC 2045, section 6.8): whatever a text has, a server on the way changes none
// of it.
std::string base64_lines(const std::string& text) {
  constexpr std::size_t kLine = 76;
  const std::string digits = base::to_base64(text);
  std::string lines;
  for (std::size_t at = 0; at < digits.size(); at += kLine)
    lines.append(digits, at, kLine).append("\r\n");
  return lines;
}

std::string message_of(const MailServer& server, const Mail& mail) {
  const std::vector<std::string> fields = {
      "Date: " + date_of(mail.at),
      "From: pipeline <" + server.from + ">",
      "To: <" + mail.to + ">",
      "Subject: " + encoded_subject(mail.subject),
      "Message-ID: <" + mail.id + "@" + host_of(server.from) + ">",
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "\r\n"};
  return base::join(fields, "\r\n") + base64_lines(mail.text);
}

// What is left to be sent.
std::size_t take(char* buffer, std::size_t size, std::size_t count, void* left) {
  auto& message = *static_cast<std::string_view*>(left);
  const std::size_t taken = message.copy(buffer, size * count);
  message.remove_prefix(taken);
  return taken;
}

int is_over(void* flag, curl_off_t /*to_get*/, curl_off_t /*got*/, curl_off_t /*to_send*/,
            curl_off_t /*sent*/) {
  return *static_cast<std::atomic<bool>*>(flag) ? 1 : 0;
}

// A refusal of this very mail comes with such a code; one of our login is about us.
bool is_for_good(CURLcode code, long said) {
  return code != CURLE_LOGIN_DENIED && said >= 550 && said <= 559;
}

}  // namespace

Result<MailServer> MailServer::parse(const std::string& url) {
  for (const Scheme& scheme : kSchemes) {
    if (!url.starts_with(scheme.prefix)) continue;
    MailServer server{
        .host = url.substr(scheme.prefix.size()), .port = scheme.port, .security = scheme.security};
    const auto colon = server.host.rfind(':');
    if (colon != std::string::npos && !server.host.ends_with(']')) {
      const auto address = host::Address::parse("127.0.0.1" + server.host.substr(colon));
      if (!address) break;
      server.port = address->port;
      server.host.erase(colon);
    }
    if (server.host.empty() || server.host.find_first_of("/@?# ") != std::string::npos) break;
    return server;
  }
  return base::fail(
      Error(ErrorKind::invalid,
            '"' + base::printable(url) + "\" is not the address of a mail server")
          .hint("write smtp://HOST, smtps://HOST or smtp+plain://HOST; the user has an option"));
}

std::string encoded_subject(const std::string& subject) {
  constexpr std::size_t kMostBytes = 45;  // 60 digits: with what is around them below 75
  bool is_plain = subject.find("=?") == std::string::npos;
  for (const char c : subject) is_plain = is_plain && c >= ' ' && c < '\x7f';
  if (is_plain) return subject;
  std::string encoded;
  for (std::size_t at = 0; at < subject.size();) {
    std::size_t end = std::min(at + kMostBytes, subject.size());
    // Never within a character.
    while (end < subject.size() && end > at + 1 &&
           (static_cast<unsigned char>(subject[end]) & 0xc0U) == 0x80U)
      --end;
    if (!encoded.empty()) encoded += "\r\n ";
    encoded += "=?UTF-8?B?" + base::to_base64(subject.substr(at, end - at)) + "?=";
    at = end;
  }
  return encoded;
}

Result<> Mailer::send(const Mail& mail) {
  PIPELINE_ASSIGN(const CurlLibrary* const library, CurlLibrary::load());
  const std::unique_ptr<CURL, decltype(library->easy_cleanup)> curl(library->easy_init(),
                                                                    library->easy_cleanup);
  if (!curl) return base::fail(ErrorKind::exhausted, "no memory for a mail");
  const std::string message = message_of(server_, mail);
  std::string_view left = message;
  const std::unique_ptr<curl_slist, decltype(library->slist_free_all)> recipients(
      library->slist_append(nullptr, ("<" + mail.to + ">").c_str()), library->slist_free_all);
  std::array<char, CURL_ERROR_SIZE> said{};
  const std::string url = url_of(server_);
  const std::string from = "<" + server_.from + ">";
  const auto set = [&curl, library](CURLoption option, auto value) {
    (void)library->easy_setopt(curl.get(), option, value);
  };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT, kSecondsToConnect);
  set(CURLOPT_TIMEOUT, kSecondsInAll);
  set(CURLOPT_ERRORBUFFER, said.data());
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &is_over);
  set(CURLOPT_XFERINFODATA, &is_cut_off_);
  set(CURLOPT_MAIL_FROM, from.c_str());
  set(CURLOPT_MAIL_RCPT, recipients.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, &take);
  set(CURLOPT_READDATA, &left);
  if (server_.security == MailServer::Security::starttls)
    set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  if (!server_.user.empty()) {
    set(CURLOPT_USERNAME, server_.user.c_str());
    set(CURLOPT_PASSWORD, server_.password.c_str());
  }
  // As everything else of ours that speaks TLS.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes it.
  if (const char* const authorities = std::getenv("SSL_CERT_FILE"))
    set(CURLOPT_CAINFO, authorities);
  const CURLcode code = library->easy_perform(curl.get());
  if (code == CURLE_OK) return {};
  if (is_cut_off_) return base::fail(ErrorKind::cancelled, "the server is stopping");
  long status = 0;
  library->easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  std::string why = said[0] == '\0' ? library->easy_strerror(code) : said.data();
  if (status > 0) why += " (" + std::to_string(status) + ")";
  return base::fail(is_for_good(code, status) ? ErrorKind::invalid : ErrorKind::unavailable,
                    server_.host + ": " + base::printable(why));
}

}  // namespace pipeline::notify
// NOLINTEND(cppcoreguidelines-pro-type-vararg,hicpp-vararg)
