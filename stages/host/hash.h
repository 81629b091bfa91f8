// SHA-256 of bytes and files.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"

namespace pipeline::host {

// Feed bytes, then take the digest; taking it makes the object ready for the next message. One
// thread at a time.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  base::Digest finish();

 private:
  struct Context;
  struct Free {
    void operator()(Context* context) const;
  };
  std::unique_ptr<Context, Free> context_;
};

base::Digest sha256(std::string_view bytes);
// From the descriptor's position to its end.
base::Result<base::Digest> sha256_of(int fd);

}  // namespace pipeline::host
