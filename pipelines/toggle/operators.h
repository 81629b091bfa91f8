// The operators of json_logic.h that need nothing but their evaluated arguments. Internal to this
// folder.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string_view>

namespace pipeline::toggle {

// Total: any arguments give a value, null where nothing sensible can be said.
using Operator = boost::json::value (*)(const boost::json::array& arguments);

// Null when there is none of that name. One table a file: comparison and logic, text, arithmetic.
Operator find_comparison(std::string_view name);
Operator find_text_operator(std::string_view name);
Operator find_arithmetic(std::string_view name);

// JsonLogic's truth: false, 0, "", null, NaN and [] are not true.
bool is_true(const boost::json::value& value);
// JavaScript's Number(): NaN for what is none.
double to_number(const boost::json::value& value);
// JavaScript's String(), for values that are no objects: numbers in their shortest form.
std::string to_text(const boost::json::value& value);
// An integer where the number is one, so that 2.0 prints as 2.
boost::json::value from_number(double number);

// The argument at `index`, null when there are fewer.
const boost::json::value& argument(const boost::json::array& arguments, std::size_t index);

}  // namespace pipeline::toggle
