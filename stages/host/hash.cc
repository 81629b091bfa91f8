#include "stages/host/hash.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace pipeline::host {

namespace {

// Only an allocation can fail here, and a program without memory for a hash has no way on.
void must(int ok) {
  if (ok != 1) std::abort();
}

}  // namespace

// The name is ours so that the header stays free of OpenSSL's.
struct Sha256::Context {
  EVP_MD_CTX* md = nullptr;
};

void Sha256::Free::operator()(Context* context) const {
  EVP_MD_CTX_free(context->md);
  std::unique_ptr<Context>{context};
}

Sha256::Sha256() : context_(std::make_unique<Context>().release()) {
  context_->md = EVP_MD_CTX_new();
  must(EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr));
}

void Sha256::update(std::string_view bytes) {
  must(EVP_DigestUpdate(context_->md, bytes.data(), bytes.size()));
}

base::Digest Sha256::finish() {
  base::Digest::Bytes bytes{};
  must(EVP_DigestFinal_ex(context_->md, bytes.data(), nullptr));
  must(EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr));
  return base::Digest(bytes);
}

base::Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

base::Result<base::Digest> sha256_of(int fd) {
  constexpr std::size_t kBlock = std::size_t{256} << 10U;
  thread_local const std::unique_ptr<std::array<char, kBlock>> buffer =
      std::make_unique<std::array<char, kBlock>>();
  Sha256 hash;
  while (true) {
    const ssize_t n = ::read(fd, buffer->data(), buffer->size());
    if (n == 0) return hash.finish();
    if (n < 0) {
      if (errno == EINTR) continue;
      return base::fail(base::Error::from_errno(errno, "read"));
    }
    hash.update({buffer->data(), static_cast<std::size_t>(n)});
  }
}

}  // namespace pipeline::host
