#include "runner/store/notice_store.h"

#include <array>

namespace pipeline::store {

namespace {

constexpr std::array<std::string_view, 6> kChannels = {"status",  "mail",     "slack",
                                                       "webhook", "cdevents", "traces"};
constexpr std::array<std::string_view, 3> kStates = {"waiting", "sent", "failed"};

template <class Value, std::size_t size>
std::optional<Value> value_of(const std::array<std::string_view, size>& words,
                              std::string_view word) {
  for (std::size_t i = 0; i < size; ++i)
    if (words.at(i) == word) return static_cast<Value>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Channel channel) {
  return kChannels.at(static_cast<std::size_t>(channel));
}

std::optional<Channel> channel_of(std::string_view word) {
  return value_of<Channel>(kChannels, word);
}

std::string_view to_string(NoticeState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<NoticeState> notice_state_of(std::string_view word) {
  return value_of<NoticeState>(kStates, word);
}

}  // namespace pipeline::store
