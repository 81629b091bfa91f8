#include "stages/secret/crypto/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "stages/host/file.h"

namespace pipeline::secret {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

constexpr std::string_view kAttempt = "read the key of the secrets";
// A key and a generous margin.
constexpr std::size_t kLongestFile = 4096;

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Error no_file(const KeyPlace& place) {
  Error error(ErrorKind::not_found, place.file.string() + " is not there");
  if (place.owner == KeyPlace::Owner::us) {
    return std::move(error).hint(
        "restore it from a backup: without it the secrets cannot be read; or set them again, "
        "after pipeline secret remove");
  }
  return std::move(error).hint("openssl rand -hex 32 makes a key; chmod 600 it");
}

// systemd hands a credential to a service's user by an access list, which shows as a group's read
// bit; nobody else reaches the directory.
mode_t forbidden_bits(KeyPlace::Owner owner) {
  return owner == KeyPlace::Owner::systemd ? 0027 : 0077;
}

base::Result<> check_private(const KeyPlace& place, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0)
    return base::fail(Error::from_errno(errno, "look at " + place.file.string()));
  const bool is_strangers = status.st_uid != ::geteuid() && status.st_uid != 0;
  if (is_strangers) {
    return base::fail(
        Error(ErrorKind::permission, place.file.string() + " belongs to somebody else")
            .hint("the key of the secrets is a file of your own"));
  }
  if ((status.st_mode & forbidden_bits(place.owner)) == 0) return {};
  return base::fail(
      Error(ErrorKind::permission, place.file.string() + " may be read or changed by others")
          .hint("chmod 600 " + place.file.string() +
                "; if somebody may have read it, set the secrets again under a new key"));
}

}  // namespace

KeyPlace key_place(const fs::path& own_file) {
  if (const auto named = environment_variable("PIPELINE_SECRET_KEY_FILE"); !named.empty()) {
    return {.file = named, .owner = KeyPlace::Owner::user};
  }
  if (const auto given = environment_variable("CREDENTIALS_DIRECTORY"); !given.empty()) {
    const fs::path credential = fs::path(given) / "pipeline-secret-key";
    std::error_code error;
    if (fs::exists(credential, error)) {
      return {.file = credential, .owner = KeyPlace::Owner::systemd};
    }
  }
  return {.file = own_file, .owner = KeyPlace::Owner::us};
}

base::Result<Key> load_key(const KeyPlace& place) {
  const auto file = host::open_file(place.file, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  if (!file) {
    Error error = file.error();
    if (error.kind() == ErrorKind::not_found) error = no_file(place);
    return base::fail(
        std::move(error).during(kAttempt).hint("PIPELINE_SECRET_KEY_FILE names another file"));
  }
  if (auto checked = check_private(place, file->get()); !checked)
    return base::during(std::move(checked), kAttempt);
  auto text = host::read_all(file->get(), kLongestFile);
  if (!text) return base::fail(std::move(text).error().during(kAttempt));
  auto key = Key::parse(*text);
  if (!key) {
    Error wrong(ErrorKind::corrupt, place.file.string() + ": " + key.error().message());
    return base::fail(std::move(wrong).during(kAttempt).hint(
        place.owner == KeyPlace::Owner::us
            ? "restore it from a backup, or move it away, remove the secrets and set them again"
            : *key.error().hint()));
  }
  return key;
}

base::Result<> make_key(const KeyPlace& place) {
  const Key key = Key::random();
  const fs::path draft = place.file.string() + "." + key.fingerprint() + ".new";
  PIPELINE_TRY(host::write_file(draft, key.text(), host::Durability::synced, 0600));
  // Not a rename: the key that is there may have encrypted something already.
  const bool made = ::link(draft.c_str(), place.file.c_str()) == 0 || errno == EEXIST;
  const int error = errno;
  ::unlink(draft.c_str());
  if (!made) {
    return base::fail(Error::from_errno(error, "make the key " + place.file.string())
                          .hint("PIPELINE_SECRET_KEY_FILE names another file"));
  }
  // Its name must outlive a power cut as what it encrypts does.
  const auto directory = host::open_file(place.file.parent_path(), O_RDONLY | O_DIRECTORY);
  if (!directory || ::fsync(directory->get()) != 0) {
    return base::fail(Error::from_errno(errno, "save " + place.file.string()));
  }
  return {};
}

}  // namespace pipeline::secret
