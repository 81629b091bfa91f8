// HTTP messages as values (RFC 9110), as far as a handler sees them: framing, encodings of the
// transfer and the connection are the server's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/server/http/target.h"
#include "stages/host/unique_fd.h"

namespace pipeline::http {

// Fields in the order in which they came. Names match without regard to case.
class Fields {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  void add(std::string name, std::string value);
  // The first of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  const std::vector<Field>& all() const { return all_; }

 private:
  std::vector<Field> all_;
};

struct Request {
  std::string method;
  Target target;
  Fields fields;
  std::string peer;  // its address, without the port
  std::string body;  // empty when it went to a file
  // Where the handler asked for it: the body. Removed with the exchange unless it was moved away.
  std::filesystem::path body_file;
};

// A part of a file, sent as it is read.
struct FilePart {
  host::UniqueFd file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct Response {
  unsigned status = 200;
  Fields fields;
  std::string body;
  std::optional<FilePart> file{};  // instead of `body`
};

// One whose body is text of the type.
Response text_response(unsigned status, std::string_view type, std::string body);

}  // namespace pipeline::http
