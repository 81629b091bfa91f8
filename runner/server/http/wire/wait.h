// How this folder's coroutines wait.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pipeline::http {

// Completes with the error beside the result, instead of throwing it.
inline constexpr auto kWait = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace pipeline::http
