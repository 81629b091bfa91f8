#include "src/catalog.h"

#include <sstream>
#include <stdexcept>

std::vector<Product> read_catalog(std::istream& in) {
  std::vector<Product> products;
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    Product product;
    std::string rest;
    if (!(fields >> product.name >> product.cents) || fields >> rest || product.cents < 0) {
      throw std::runtime_error("not a product: " + line);
    }
    products.push_back(product);
  }
  return products;
}

std::string price(int cents) {
  const std::string rest = std::to_string(cents % 100);
  return std::to_string(cents / 100) + (rest.size() == 1 ? ".0" : ".") + rest;
}
