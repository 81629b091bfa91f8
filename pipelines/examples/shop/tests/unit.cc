#include <cstdio>
#include <sstream>
#include <stdexcept>

#include "src/flags.h"
#include "src/shop.h"

namespace {

int failures = 0;

void check(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  failures += holds ? 0 : 1;
}

std::vector<Product> catalog(const char* text) {
  std::istringstream in(text);
  return read_catalog(in);
}

bool refused(const char* text) {
  try {
    catalog(text);
    return false;
  } catch (const std::runtime_error&) {
    return true;
  }
}

}  // namespace

int main() {
  check(catalog("apple 120\nbread 350\n") == std::vector<Product>{{"apple", 120}, {"bread", 350}},
        "a catalog is read line by line");
  check(
      refused("apple\n") && refused("apple x\n") && refused("apple 1 2\n") && refused("apple -1\n"),
      "what is no product is refused");
  check(price(5) == "0.05" && price(120) == "1.20" && price(1205) == "12.05",
        "prices have two digits");

  const std::string file =
      R"({"flags": {"a": {"defaultVariant": "on"}, "b": {"defaultVariant": "off"}}})";
  check(is_on(file, "a") && !is_on(file, "b") && !is_on(file, "c") && !is_on("", "a"),
        "a toggle is on when its default variant says so");

  Shop shop{catalog("apple 120\n"), false, "7", "r7-1"};
  check(shop.page("/healthz").status == 200, "it is healthy");
  check(shop.page("/version").body == "release 7\n", "it knows its release");
  check(shop.page("/nowhere").status == 404, "unknown pages are not found");
  check(shop.page("/").body == "shop, release 7 on r7-1\napple 1.20\ncheckout: classic\n",
        "the page lists the goods");
  shop.new_checkout = true;
  check(shop.page("/").body.ends_with("checkout: new\n"), "the toggle changes the checkout");
  shop.products.clear();
  check(shop.page("/").status == 500, "a shop without goods says so");
  return failures == 0 ? 0 : 1;
}
