#include "runner/store/secret_vault.h"

#include "stages/secret/rules.h"

namespace pipeline::store {

namespace {

using base::ErrorKind;
using base::Result;

// "repository " in front keeps a repository apart from all of them, whatever it is called.
secret::Label label_of(const SecretId& id) {
  return {.scope = id.repository ? "repository " + *id.repository : "global", .name = id.name};
}

}  // namespace

Result<const secret::Key*> SecretVault::key() {
  if (!key_) {
    PIPELINE_ASSIGN(key_, secret::load_key(place_));
  }
  return &*key_;
}

Result<> SecretVault::set(const SecretEntry& entry, const std::string& value) {
  PIPELINE_TRY(secret::check_value(entry.id.name, value));
  if (auto loaded = key(); !loaded) {
    const bool may_make = loaded.error().kind() == ErrorKind::not_found &&
                          place_.owner == secret::KeyPlace::Owner::us;
    if (!may_make) return base::fail(std::move(loaded).error());
    // A new key beside secrets of a lost one would make two kinds of secrets of them. Where there
    // are any, it is lost, or whoever set them made it a moment ago.
    PIPELINE_ASSIGN(const auto others, store_.list());
    if (others.empty()) PIPELINE_TRY(secret::make_key(place_));
  }
  PIPELINE_ASSIGN(const secret::Key* const ours, key());
  return store_.put(entry, secret::seal(*ours, label_of(entry.id), value));
}

Result<std::optional<std::string>> SecretVault::get(const SecretId& id) {
  PIPELINE_ASSIGN(const auto sealed, store_.find(id));
  if (!sealed) return std::optional<std::string>();
  PIPELINE_ASSIGN(const secret::Key* const ours, key());
  auto value = secret::unseal(*ours, label_of(id), *sealed);
  if (!value) return base::during(std::move(value), "decrypt the secret " + id.name);
  return std::optional(*std::move(value));
}

Result<std::optional<SecretId>> SecretVault::choose(const std::string& name,
                                                    const std::string& repository) {
  for (SecretId id : {SecretId{repository, name}, SecretId{std::nullopt, name}}) {
    PIPELINE_ASSIGN(const auto found, store_.find(id));
    if (found) return std::optional(std::move(id));
  }
  return std::optional<SecretId>();
}

}  // namespace pipeline::store
