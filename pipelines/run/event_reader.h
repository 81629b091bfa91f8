// The fields of each event from JSON members; the reading half of event_json.h.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/digest.h"
#include "pipelines/base/result.h"
#include "pipelines/run/event.h"

namespace pipeline::run {

// Reads members leniently and remembers the first that had the wrong type, so that a reader states
// its fields and checks once. A member that is absent has its default: that is how a field is added
// later. Borrows the object.
class FieldReader {
 public:
  explicit FieldReader(const boost::json::object& object) : object_(object) {}

  std::string text(std::string_view name) const;
  bool boolean(std::string_view name) const;
  std::int64_t number(std::string_view name, std::int64_t fallback) const;
  std::uint64_t unsigned_number(std::string_view name, std::uint64_t fallback) const;
  std::uint32_t small_number(std::string_view name, std::uint32_t fallback) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::optional<base::Digest> digest(std::string_view name) const;
  // None when absent.
  const boost::json::value* find(std::string_view name) const;

  // Something that is there has the wrong type or an impossible value.
  void refuse(std::string_view name) const;
  base::Result<> check() const;

 private:
  const boost::json::object& object_;
  mutable std::string wrong_;  // name of the first refused member
};

base::Result<EventBody> read_body(const FieldReader& fields);

}  // namespace pipeline::run
