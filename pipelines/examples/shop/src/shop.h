// The shop's pages.
#pragma once

#include <string>
#include <vector>

#include "src/catalog.h"
#include "src/http_server.h"

struct Shop {
  std::vector<Product> products;
  bool new_checkout = false;
  std::string release = "0";
  std::string instance = "shop";

  Response page(const std::string& path) const;
};
