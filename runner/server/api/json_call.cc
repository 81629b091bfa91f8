#include "runner/server/api/json_call.h"

#include <boost/json.hpp>

#include "runner/server/http/problem.h"

namespace pipeline::api {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

void answer_json(http::Exchange& exchange, std::string body, unsigned status) {
  exchange.answer(http::text_response(status, "application/json", std::move(body)));
}

void answer_json(const Call& call, std::string body, unsigned status) {
  answer_json(*call.exchange, std::move(body), status);
}

void answer_json(const Call& call, const json::value& body, unsigned status) {
  answer_json(call, json::serialize(body) + "\n", status);
}

void answer_nothing(http::Exchange& exchange) {
  http::Response response;
  response.status = 204;
  exchange.answer(std::move(response));
}

void answer_nothing(const Call& call) {
  answer_nothing(*call.exchange);
}

void answer_problem(const Call& call, const base::Error& error) {
  call.exchange->answer(http::problem(error));
}

Result<json::object> object_in(const Call& call) {
  json::error_code error;
  json::value value = json::parse(call.request().body, error);
  if (error || !value.is_object())
    return base::fail(ErrorKind::invalid, "the body has to be a JSON object");
  return std::move(value.get_object());
}

Result<std::optional<std::string>> text_in(const json::object& object, std::string_view name) {
  const auto* const member = object.if_contains(name);
  if (member == nullptr) return std::optional<std::string>();
  if (member->is_string()) return std::optional(std::string(member->as_string()));
  return base::fail(ErrorKind::invalid, "\"" + std::string(name) + "\" has to be a text");
}

}  // namespace pipeline::api
