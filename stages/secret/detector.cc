#include "stages/secret/detector.h"

#include <cstdint>

namespace pipeline::secret {

namespace {

std::vector<std::string> values_of(const std::map<std::string, std::string>& secrets) {
  std::vector<std::string> values;
  values.reserve(secrets.size());
  for (const auto& [name, value] : secrets) values.push_back(value);
  return values;
}

}  // namespace

Detector::Detector(const std::map<std::string, std::string>& secrets)
    : automaton_(values_of(secrets)) {
  for (const auto& [name, value] : secrets) names_.push_back(name);
}

void Detector::begin(std::string_view path) {
  path_ = path;
  state_ = Automaton::kStart;
  feed(path);
  state_ = Automaton::kStart;
}

void Detector::feed(std::string_view bytes) {
  if (automaton_.empty()) return;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (state_ == Automaton::kStart) {
      at = automaton_.skip(bytes, at);
      if (at == bytes.size()) return;
    }
    state_ = automaton_.step(state_, static_cast<std::uint8_t>(bytes[at]));
    if (automaton_.match(state_) == 0) continue;
    automaton_.secrets_at(
        state_, [this](std::uint32_t secret) { found_.try_emplace(names_[secret], path_); });
  }
}

}  // namespace pipeline::secret
