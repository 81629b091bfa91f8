// The key that secrets at rest are encrypted with, and the file it is kept in. Blocking; safe for
// several threads and processes at once.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"
#include "stages/secret/crypto/sealed.h"

namespace pipeline::secret {

struct KeyPlace {
  enum class Owner {
    user,     // named by PIPELINE_SECRET_KEY_FILE
    systemd,  // $CREDENTIALS_DIRECTORY/pipeline-secret-key
    us,       // in the state directory: made when the first secret is set
  };
  std::filesystem::path file;
  Owner owner = Owner::us;
};

// As the environment says; otherwise `own_file`.
KeyPlace key_place(const std::filesystem::path& own_file);

// ErrorKind::not_found without the file, ErrorKind::permission when others may read or change it,
// ErrorKind::corrupt when it holds no key; each with what to do.
base::Result<Key> load_key(const KeyPlace& place);

// Makes the file of a place that is ours, whole or not at all, readable by its owner only. When
// another process made it meanwhile, that one's key counts: load it afterwards.
// REQUIRES: place.owner is `us`.
base::Result<> make_key(const KeyPlace& place);

}  // namespace pipeline::secret
