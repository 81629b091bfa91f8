// What the shop sells: lines of a name and a price in cents.
#pragma once

#include <istream>
#include <string>
#include <vector>

struct Product {
  std::string name;
  int cents = 0;
  bool operator==(const Product&) const = default;
};

// Throws std::runtime_error for a line that is none.
std::vector<Product> read_catalog(std::istream& in);

// 1205 → "12.05"
std::string price(int cents);
