// How names become environment variables: one rule for PARAM_<NAME>, ARTIFACT_<NAME> and the like.
#pragma once

#include <string>
#include <string_view>

namespace pipeline::model {

// variable_name("ARTIFACT_", "shop-web") is "ARTIFACT_SHOP_WEB": upper case, and anything but a
// letter or digit is '_'.
std::string variable_name(std::string_view prefix, std::string_view name);

}  // namespace pipeline::model
