#include "runner/forge/payload.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "pipelines/base/text.h"

namespace pipeline::forge {

namespace {

namespace json = boost::json;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kBranches = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";

base::Error missing(Payload::Path path, std::string_view what) {
  const std::string name = base::join({path.begin(), path.end()}, ".");
  return {ErrorKind::invalid, "its \"" + name + "\" is no " + std::string(what)};
}

bool is_id(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of(kHex) == std::string_view::npos;
}

}  // namespace

Result<Payload> Payload::parse(std::string_view body) {
  boost::system::error_code error;
  json::value root = json::parse(body, error);
  if (error || !root.is_object()) return base::fail(ErrorKind::invalid, "it is no JSON object");
  return Payload(std::move(root));
}

const json::value* Payload::find(Path path) const {
  const json::value* value = &root_;
  for (const std::string_view name : path) {
    const json::object* const object = value->if_object();
    value = object == nullptr ? nullptr : object->if_contains(name);
    if (value == nullptr) return nullptr;
  }
  return value->is_null() ? nullptr : value;
}

std::optional<std::string> Payload::text(Path path) const {
  const json::value* const value = find(path);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<std::uint64_t> Payload::number(Path path) const {
  const json::value* const value = find(path);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value->get_int64());
}

Result<std::string> Payload::need_text(Path path) const {
  auto found = text(path);
  if (!found || found->empty()) return base::fail(missing(path, "text"));
  return *std::move(found);
}

Result<std::uint64_t> Payload::need_number(Path path) const {
  const auto found = number(path);
  if (!found) return base::fail(missing(path, "number"));
  return *found;
}

Result<std::string> Payload::need_id(Path path) const {
  auto found = text(path);
  if (!found || !is_id(*found)) return base::fail(missing(path, "commit"));
  if (found->find_first_not_of('0') == std::string::npos) found->clear();
  return *std::move(found);
}

Result<Notice> push_of(const Payload& payload) {
  PIPELINE_ASSIGN(const std::string ref, payload.need_text({"ref"}));
  PIPELINE_ASSIGN(std::string before, payload.need_id({"before"}));
  PIPELINE_ASSIGN(std::string after, payload.need_id({"after"}));
  if (ref.starts_with(kBranches) && ref.size() > kBranches.size())
    return BranchPush{ref.substr(kBranches.size()), std::move(before), std::move(after)};
  if (ref.starts_with(kTags) && ref.size() > kTags.size())
    return TagPush{ref.substr(kTags.size()), std::move(before), std::move(after)};
  return PassedOver{"\"" + base::printable(ref) + "\" is neither a branch nor a tag"};
}

}  // namespace pipeline::forge
