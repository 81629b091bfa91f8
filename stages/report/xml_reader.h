// Reads XML of a job, which may be hostile: as a stream, so that it costs what the reader keeps and
// no more. Nothing is ever loaded, entities of the document's own are refused, depth is bounded.
// Expat does the parsing; this is the only place that knows it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/base/result.h"

namespace pipeline::report {

inline constexpr std::size_t kDeepestElement = 100;

class Attributes {
 public:
  // As Expat gives them: names and values in turn, a null at the end.
  explicit Attributes(const char* const* pairs) : pairs_(pairs) {}
  // Empty when there is none of that name.
  std::string_view operator[](std::string_view name) const;

 private:
  const char* const* pairs_;
};

// Called in document order, with names without their namespace prefix. Views live during the call.
// An error ends the reading and is returned by read_xml() with the place in front.
class XmlVisitor {
 public:
  virtual ~XmlVisitor() = default;
  virtual base::Result<> open(std::string_view element, const Attributes& attributes) = 0;
  virtual base::Result<> close(std::string_view element) = 0;
  virtual void text(std::string_view utf8) = 0;
};

// Takes several documents in a row for one, which is what tools make by appending. The bytes are
// those of as_xml(). ErrorKind::failed, "line 3, column 7: mismatched tag", when it is no XML.
base::Result<> read_xml(std::string_view bytes, XmlVisitor& visitor);

}  // namespace pipeline::report
