#include "runner/server/http/problem.h"

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace pipeline::http {

namespace {

using base::ErrorKind;

struct Status {
  unsigned number;
  std::string_view phrase;
};

constexpr std::array kStatuses = {
    Status{400, "Bad Request"},
    Status{401, "Unauthorized"},
    Status{403, "Forbidden"},
    Status{404, "Not Found"},
    Status{405, "Method Not Allowed"},
    Status{408, "Request Timeout"},
    Status{409, "Conflict"},
    Status{413, "Content Too Large"},
    Status{415, "Unsupported Media Type"},
    Status{417, "Expectation Failed"},
    Status{422, "Unprocessable Content"},
    Status{429, "Too Many Requests"},
    Status{431, "Request Header Fields Too Large"},
    Status{499, "Client Closed Request"},
    Status{500, "Internal Server Error"},
    Status{502, "Bad Gateway"},
    Status{503, "Service Unavailable"},
    Status{504, "Gateway Timeout"},
    Status{507, "Insufficient Storage"},
};

unsigned status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 422;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::already_exists:
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::permission:
      return 403;
    case ErrorKind::unavailable:
      return 503;
    case ErrorKind::exhausted:
      return 507;
    case ErrorKind::cancelled:
      return 499;
    case ErrorKind::timed_out:
      return 504;
    case ErrorKind::failed:
    case ErrorKind::corrupt:
    case ErrorKind::io:
    case ErrorKind::internal:
      return 500;
  }
  return 500;
}

Response problem(unsigned status, std::string_view detail, const std::optional<std::string>& hint) {
  boost::json::object body{{"title", phrase_of(status)}, {"status", status}, {"detail", detail}};
  if (hint) body["hint"] = *hint;
  return text_response(status, "application/problem+json", boost::json::serialize(body) + "\n");
}

}  // namespace

std::string_view phrase_of(unsigned status) {
  for (const auto& [number, phrase] : kStatuses)
    if (number == status) return phrase;
  return {};
}

Response problem(unsigned status, std::string_view detail) {
  return problem(status, detail, std::nullopt);
}

Response problem(const base::Error& error) {
  return problem(status_of(error.kind()), error.to_string(), error.hint());
}

}  // namespace pipeline::http
