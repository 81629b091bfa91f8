// JSON in and out of calls: what the endpoints share.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "runner/server/api/endpoint.h"

namespace pipeline::api {

void answer_json(http::Exchange& exchange, std::string body, unsigned status = 200);
void answer_json(const Call& call, std::string body, unsigned status = 200);
void answer_json(const Call& call, const boost::json::value& body, unsigned status = 200);
// 204.
void answer_nothing(http::Exchange& exchange);
void answer_nothing(const Call& call);
void answer_problem(const Call& call, const base::Error& error);

// The body; ErrorKind::invalid when it is no JSON object.
base::Result<boost::json::object> object_in(const Call& call);
// A member that is a text; none when there is no such member, ErrorKind::invalid when it is another
// thing.
base::Result<std::optional<std::string>> text_in(const boost::json::object& object,
                                                 std::string_view name);

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A number of the query; `otherwise` when it is not there. ErrorKind::invalid when it is none, or
// has to be there.
template <class Number>
base::Result<Number> number_in(const http::Request& request, std::string_view name,
                               std::optional<Number> otherwise = std::nullopt) {
  const auto text = request.target.parameter(name);
  if (!text && otherwise) return *otherwise;
  if (text)
    if (const auto number = number_of<Number>(*text)) return *number;
  return base::fail(base::ErrorKind::invalid,
                    "the query needs a number called " + std::string(name));
}

}  // namespace pipeline::api
