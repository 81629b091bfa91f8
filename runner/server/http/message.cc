#include "runner/server/http/message.h"

#include <strings.h>

#include <algorithm>

namespace pipeline::http {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

void Fields::add(std::string name, std::string value) {
  all_.push_back({std::move(name), std::move(value)});
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(all_, [&](const Field& field) { return same_name(field.name, name); });
  if (found == all_.end()) return std::nullopt;
  return found->value;
}

Response text_response(unsigned status, std::string_view type, std::string body) {
  Response response{.status = status, .fields = {}, .body = std::move(body)};
  response.fields.add("Content-Type", std::string(type));
  return response;
}

}  // namespace pipeline::http
