// JSON for described structs (BOOST_DESCRIBE_STRUCT): every member by its name. Included by .cc
// files only: it is heavy. Decoding never throws: it returns false at the first thing that does not
// fit; a missing member keeps the value it has.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11.hpp>
#include <chrono>
#include <concepts>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "pipelines/base/digest.h"

namespace pipeline::rollout::codec {

namespace json = boost::json;

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;
template <class T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;
template <class T>
concept Timelike = requires(T time) {
  time.time_since_epoch();
};
// A variant's alternatives have names: `constexpr auto& names_of_alternatives(const V*)`, found
// beside the variant's use, and `kind_key(const V*)`, the member that holds the name.
template <class T>
struct Tagged : std::false_type {};

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
json::value encode(const T& value);
template <class T>
bool decode(const json::value& from, T& to);

// --- text, numbers, times ---
// NOLINTBEGIN(modernize-return-braced-init-list): in braces a json::value becomes an array.
inline json::value encode_one(const std::string& value) {
  return json::value(value);
}
inline json::value encode_one(const base::Digest& value) {
  return json::value(value.hex());
}
inline json::value encode_one(const std::filesystem::path& value) {
  return json::value(value.string());
}
template <class T>
requires std::is_arithmetic_v<T> json::value encode_one(const T& value) {
  return json::value(value);
}
template <class Rep, class Period>
json::value encode_one(const std::chrono::duration<Rep, Period>& value) {
  return json::value(std::int64_t{value.count()});
}
// NOLINTEND(modernize-return-braced-init-list)
template <Timelike T>
json::value encode_one(const T& value) {
  return encode_one(value.time_since_epoch());
}
template <DescribedEnum T>
json::value encode_one(const T& value) {
  return json::value(boost::describe::enum_to_string(value, ""));
}
template <class T>
json::value encode_one(const std::vector<T>& values) {
  json::array array;
  for (const T& value : values) array.push_back(encode(value));
  return array;
}
template <class T>
json::value encode_one(const std::map<std::string, T>& values) {
  json::object object;
  for (const auto& [name, value] : values) object[name] = encode(value);
  return object;
}
template <class T>
json::value encode_one(const std::optional<T>& value) {
  return value ? encode(*value) : json::value(nullptr);
}
template <class V>
requires Tagged<V>::value json::value encode_one(const V& value) {
  return std::visit(
      [&](const auto& alternative) {
        json::value encoded = encode(alternative);
        encoded.as_object()[Tagged<V>::kKey] = Tagged<V>::kNames.at(value.index());
        return encoded;
      },
      value);
}
template <Described T>
json::value encode_one(const T& value) {
  json::object object;
  boost::mp11::mp_for_each<Members<T>>(
      [&](auto member) { object[member.name] = encode(value.*member.pointer); });
  return object;
}
template <class T>
json::value encode(const T& value) {
  return encode_one(value);
}

inline bool decode_one(const json::value& from, std::string& to) {
  if (!from.is_string()) return false;
  to = std::string(from.get_string());
  return true;
}
inline bool decode_one(const json::value& from, bool& to) {
  if (!from.is_bool()) return false;
  to = from.get_bool();
  return true;
}
inline bool decode_one(const json::value& from, base::Digest& to) {
  if (!from.is_string()) return false;
  auto digest = base::Digest::parse(from.get_string());
  if (digest) to = *digest;
  return digest.has_value();
}
inline bool decode_one(const json::value& from, std::filesystem::path& to) {
  if (!from.is_string()) return false;
  to = std::string(from.get_string());
  return true;
}
template <class T>
requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) bool decode_one(const json::value& from,
                                                                            T& to) {
  boost::system::error_code error;
  to = from.to_number<T>(error);
  return !error;
}
template <class Rep, class Period>
bool decode_one(const json::value& from, std::chrono::duration<Rep, Period>& to) {
  std::int64_t count = 0;
  if (!decode_one(from, count)) return false;
  to = std::chrono::duration<Rep, Period>(count);
  return true;
}
template <Timelike T>
bool decode_one(const json::value& from, T& to) {
  typename T::duration since{};
  if (!decode_one(from, since)) return false;
  to = T(since);
  return true;
}
template <DescribedEnum T>
bool decode_one(const json::value& from, T& to) {
  return from.is_string() && boost::describe::enum_from_string(from.get_string().c_str(), to);
}
template <class T>
bool decode_one(const json::value& from, std::vector<T>& to) {
  if (!from.is_array()) return false;
  to.clear();
  for (const json::value& item : from.get_array()) {
    T value{};
    if (!decode(item, value)) return false;
    to.push_back(std::move(value));
  }
  return true;
}
template <>
inline bool decode_one(const json::value& from, std::vector<base::Digest>& to) {
  if (!from.is_array()) return false;
  to.clear();
  for (const json::value& item : from.get_array()) {
    base::Digest digest{base::Digest::Bytes{}};
    if (!decode_one(item, digest)) return false;
    to.push_back(digest);
  }
  return true;
}
template <class T>
bool decode_one(const json::value& from, std::map<std::string, T>& to) {
  if (!from.is_object()) return false;
  to.clear();
  for (const auto& [name, item] : from.get_object()) {
    if (!decode(item, to[std::string(name)])) return false;
  }
  return true;
}
template <class T>
bool decode_one(const json::value& from, std::optional<T>& to) {
  to.reset();
  return from.is_null() || decode(from, to.emplace());
}
template <class V>
requires Tagged<V>::value bool decode_one(const json::value& from, V& to) {
  std::string name;
  if (!from.is_object() || !from.get_object().contains(Tagged<V>::kKey) ||
      !decode(from.get_object().at(Tagged<V>::kKey), name)) {
    return false;
  }
  bool decoded = false;
  boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<V>>>([&](auto index) {
    if (name == Tagged<V>::kNames.at(index)) decoded = decode(from, to.template emplace<index>());
  });
  return decoded;
}
template <Described T>
bool decode_one(const json::value& from, T& to) {
  if (!from.is_object()) return false;
  bool fits = true;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    const json::value* found = from.get_object().if_contains(member.name);
    if (fits && found != nullptr) fits = decode(*found, to.*member.pointer);
  });
  return fits;
}
template <class T>
bool decode(const json::value& from, T& to) {
  return decode_one(from, to);
}

}  // namespace pipeline::rollout::codec
