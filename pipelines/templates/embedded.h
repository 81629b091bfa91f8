// The texts of the templates, made from the .toml files when the program is built (embedded.cc.in).
#pragma once

#include <string_view>

namespace pipeline::templates {

extern const std::string_view kCpp;
extern const std::string_view kMake;
extern const std::string_view kMeson;
extern const std::string_view kNpm;
extern const std::string_view kPython;
extern const std::string_view kCargo;
extern const std::string_view kGo;
extern const std::string_view kGeneric;

}  // namespace pipeline::templates
