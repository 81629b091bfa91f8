// The JSON of a webhook, as its readers see it: members by their paths, and the mistakes of one
// that is not what it should be. Bytes of a stranger: depth and size are bounded by who parses.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "runner/forge/notice.h"

namespace pipeline::forge {

class Payload {
 public:
  using Path = std::initializer_list<std::string_view>;

  // ErrorKind::invalid when it is no JSON object.
  static base::Result<Payload> parse(std::string_view body);

  // Null when there is no such member, or when it is null.
  const boost::json::value* find(Path path) const;
  // None when there is none, or it is another thing.
  std::optional<std::string> text(Path path) const;
  std::optional<std::uint64_t> number(Path path) const;

  // ErrorKind::invalid when it is not there.
  base::Result<std::string> need_text(Path path) const;
  base::Result<std::uint64_t> need_number(Path path) const;
  // An object's id of 40 or 64 hexadecimal digits. Zeros, which say that there is none, are empty.
  base::Result<std::string> need_id(Path path) const;

 private:
  explicit Payload(boost::json::value root) : root_(std::move(root)) {}

  boost::json::value root_;
};

// A push, of which `ref` is the full name.
base::Result<Notice> push_of(const Payload& payload);

// GitHub, Gitea and Forgejo.
base::Result<Notice> read_hub(std::string_view event, const Payload& payload);
base::Result<Notice> read_gitlab(const Payload& payload);

}  // namespace pipeline::forge
