#include "runner/serve/callers.h"

#include "runner/store/token.h"

namespace pipeline::serve {

std::optional<api::Caller> Callers::find(std::string_view token) const {
  const auto entry = tokens_.find(store::digest_of_token(token));
  if (!entry || !*entry) return std::nullopt;
  if ((*entry)->expires_at && *(*entry)->expires_at <= clock_.now()) return std::nullopt;
  api::Caller caller{.name = (*entry)->name, .scopes = {}, .person = {}, .token = (*entry)->name};
  for (const std::string& word : (*entry)->scopes)
    if (const auto scope = api::scope_of(word)) caller.scopes.insert(*scope);
  caller.labels = (*entry)->labels;
  if (!(*entry)->user) return caller;
  caller.name = *(*entry)->user;
  caller.person = person(caller.name);
  // A person whose roles cannot be told is not let through as a service.
  if (!caller.person) return std::nullopt;
  return caller;
}

std::optional<api::Person> Callers::person(const std::string& user) const {
  auto groups = groups_.groups_of(user);
  auto grants = roles_.grants_of(user);
  if (!groups || !grants) return std::nullopt;
  return api::Person{*std::move(groups), *std::move(grants)};
}

}  // namespace pipeline::serve
