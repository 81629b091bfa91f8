#include "src/shop.h"

Response Shop::page(const std::string& path) const {
  if (path == "/healthz") return {200, "ok\n"};
  if (path == "/version") return {200, "release " + release + "\n"};
  if (path != "/") return {404, "no such page\n"};
  // A shop without goods would be a page that looks right and sells nothing.
  if (products.empty()) return {500, "the catalog is empty\n"};
  std::string page = "shop, release " + release + " on " + instance + "\n";
  for (const auto& product : products) page += product.name + " " + price(product.cents) + "\n";
  return {200, page + "checkout: " + (new_checkout ? "new" : "classic") + "\n"};
}
