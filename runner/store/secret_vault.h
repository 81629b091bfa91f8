// Secrets that are kept: values in, values out, encrypted between (stages/secret/crypto). Owns
// neither the store nor the key file. Threads: one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/store/secret_store.h"
#include "stages/secret/crypto/key_file.h"

namespace pipeline::store {

class SecretVault {
 public:
  // `store` must outlive it. The key is looked at when a value first goes in or comes out.
  SecretVault(SecretStore& store, secret::KeyPlace place)
      : store_(store), place_(std::move(place)) {}

  // Makes the key, where it is ours and nothing was encrypted with an earlier one. Fails as
  // secret::check_value(), secret::load_key() and the store do.
  base::Result<> set(const SecretEntry& entry, const std::string& value);
  // None: no such secret. Fails as secret::unseal() does, with the secret's name.
  base::Result<std::optional<std::string>> get(const SecretId& id);

  base::Result<std::vector<SecretEntry>> list() { return store_.list(); }
  base::Result<bool> remove(const SecretId& id) { return store_.remove(id); }

  // Which of the two a run of `repository` would be given: its own, else that of all repositories.
  // Looks at no value.
  base::Result<std::optional<SecretId>> choose(const std::string& name,
                                               const std::string& repository);

 private:
  base::Result<const secret::Key*> key();

  SecretStore& store_;
  secret::KeyPlace place_;
  std::optional<secret::Key> key_;
};

}  // namespace pipeline::store
