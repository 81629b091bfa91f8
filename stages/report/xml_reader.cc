#include "stages/report/xml_reader.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "pipelines/base/text.h"
#include "stages/report/xml_text.h"

namespace pipeline::report {

namespace {

constexpr std::size_t kMostDocuments = 10'000;
constexpr std::string_view kBlank = " \t\r\n";

struct ParserDeleter {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using ParserHandle = std::unique_ptr<XML_ParserStruct, ParserDeleter>;

std::string_view without_prefix(std::string_view name) {
  const auto colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The Windows code page of western Europe, whose upper half is that of ISO 8859-1 but for 32 bytes
// that no name or number of a report is made of.
int as_latin(void* /*data*/, const XML_Char* name, XML_Encoding* info) {
  if (!without_prefix(name).starts_with("windows-125")) return XML_STATUS_ERROR;
  for (int byte = 0; byte < 256; ++byte) info->map[byte] = byte;
  for (int byte = 0x80; byte < 0xA0; ++byte) info->map[byte] = 0xFFFD;
  info->data = nullptr;
  info->convert = nullptr;
  info->release = nullptr;
  return XML_STATUS_OK;
}

// One document of the bytes.
class Document {
 public:
  Document(XmlVisitor& visitor, const char* encoding)
      : visitor_(visitor), parser_(XML_ParserCreate(encoding)) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_open, on_close);
    XML_SetCharacterDataHandler(parser_.get(), on_text);
    XML_SetEntityDeclHandler(parser_.get(), on_entity);
    XML_SetUnknownEncodingHandler(parser_.get(), as_latin, nullptr);
  }

  // How many of the bytes belonged to it.
  base::Result<std::size_t> read(std::string_view bytes, std::uint64_t first_line) {
    const auto status =
        XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), XML_TRUE);
    if (status == XML_STATUS_OK) return bytes.size();
    const XML_Error code = XML_GetErrorCode(parser_.get());
    const auto index = static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_.get()));
    const bool another_begins =
        code == XML_ERROR_JUNK_AFTER_DOC_ELEMENT || code == XML_ERROR_MISPLACED_XML_PI;
    if (!refusal_ && another_begins && opened_ && depth_ == 0 && index > 0) return index;
    if (!refusal_) {
      return base::fail(
          base::ErrorKind::failed,
          to_string({here().line + first_line, here().column}) + XML_ErrorString(code));
    }
    refused_at_.line += first_line;
    base::Error error(refusal_->kind(), to_string(refused_at_) + refusal_->message());
    if (refusal_->hint()) error = std::move(error).hint(*refusal_->hint());
    return base::fail(std::move(error));
  }

 private:
  struct Place {
    std::uint64_t line = 0;
    std::uint64_t column = 0;
  };
  Place here() const {
    return {XML_GetCurrentLineNumber(parser_.get()), XML_GetCurrentColumnNumber(parser_.get()) + 1};
  }
  static std::string to_string(Place place) {
    return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ": ";
  }

  static Document& self(void* data) { return *static_cast<Document*>(data); }

  static void XMLCALL on_open(void* data, const XML_Char* name, const XML_Char** attributes) {
    Document& document = self(data);
    document.opened_ = true;
    if (++document.depth_ > kDeepestElement) {
      document.stop(
          base::Error(base::ErrorKind::failed,
                      "nested deeper than " + std::to_string(kDeepestElement) + " elements"));
      return;
    }
    document.check(document.visitor_.open(without_prefix(name), Attributes(attributes)));
  }
  static void XMLCALL on_close(void* data, const XML_Char* name) {
    Document& document = self(data);
    --document.depth_;
    document.check(document.visitor_.close(without_prefix(name)));
  }
  static void XMLCALL on_text(void* data, const XML_Char* text, int length) {
    self(data).visitor_.text({text, static_cast<std::size_t>(length)});
  }
  // A few of them are enough to make gigabytes of a kilobyte; no report needs one.
  static void XMLCALL on_entity(void* data, const XML_Char* name, int /*is_parameter*/,
                                const XML_Char* /*value*/, int /*length*/, const XML_Char* /*base*/,
                                const XML_Char* /*system_id*/, const XML_Char* /*public_id*/,
                                const XML_Char* /*notation*/) {
    self(data).stop(base::Error(base::ErrorKind::failed,
                                "declares the entity \"" + base::printable(name) + "\""));
  }

  void check(const base::Result<>& result) {
    if (!result) stop(result.error());
  }
  void stop(base::Error error) {
    if (!refusal_) {
      refusal_ = std::move(error);
      refused_at_ = here();  // where the element begins; afterwards the parser stands behind it
    }
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  XmlVisitor& visitor_;
  ParserHandle parser_;
  bool opened_ = false;
  std::size_t depth_ = 0;
  std::optional<base::Error> refusal_;
  Place refused_at_;
};

std::uint64_t lines_of(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

}  // namespace

std::string_view Attributes::operator[](std::string_view name) const {
  for (const char* const* pair = pairs_; *pair != nullptr; pair += 2) {
    if (without_prefix(pair[0]) == name) return pair[1];
  }
  return {};
}

base::Result<> read_xml(std::string_view bytes, XmlVisitor& visitor) {
  std::uint64_t line = 0;
  std::string_view rest = bytes;
  for (std::size_t documents = 0;; ++documents) {
    const std::size_t blank = std::min(rest.find_first_not_of(kBlank), rest.size());
    line += lines_of(rest.substr(0, blank));
    rest.remove_prefix(blank);
    if (rest.empty() && documents == 0) {
      return base::fail(base::ErrorKind::failed, "the file is empty");
    }
    if (rest.empty()) return {};
    if (documents == kMostDocuments) {
      return base::fail(base::ErrorKind::failed,
                        "more than " + std::to_string(kMostDocuments) + " documents in one file");
    }
    const bool lies = declared_encoding(rest).starts_with("utf-16");  // it was readable as ASCII
    Document document(visitor, lies ? "UTF-8" : nullptr);
    PIPELINE_ASSIGN(const std::size_t used, document.read(rest, line));
    line += lines_of(rest.substr(0, used));
    rest.remove_prefix(used);
  }
}

}  // namespace pipeline::report
