// shop --port PORT --catalog FILE [--flags FILE]: serves until TERM or INT, then finishes gently.
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "src/flags.h"
#include "src/shop.h"

namespace {

HttpServer* running = nullptr;

void stop_server(int /*signal*/) {
  running->stop();
}

std::string read(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

int serve(std::map<std::string, std::string> options) {
  std::istringstream catalog(read(options["--catalog"]));
  Shop shop{read_catalog(catalog), false, environment("RELEASE", "0"),
            environment("INSTANCE", "shop")};
  if (options.contains("--flags"))
    shop.new_checkout = is_on(read(options["--flags"]), "new-checkout");
  HttpServer server(static_cast<std::uint16_t>(std::stoi(options["--port"])),
                    [&shop](const std::string& path) { return shop.page(path); });
  running = &server;
  std::signal(SIGTERM, stop_server);
  std::signal(SIGINT, stop_server);
  std::cout << "listening on 127.0.0.1:" << server.port() << std::endl;
  server.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  if (argc % 2 == 0 || !options.contains("--port") || !options.contains("--catalog")) {
    std::cerr << "usage: shop --port PORT --catalog FILE [--flags FILE]\n";
    return 2;
  }
  try {
    return serve(options);
  } catch (const std::exception& problem) {
    std::cerr << "shop: " << problem.what() << "\n";
    return 1;
  }
}
