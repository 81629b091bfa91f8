// A valid file with every kind of table in it, for tests to read and to break.
#pragma once

#include <string_view>

namespace pipeline::config {

// The example of the language's description, less the keys of later versions.
inline constexpr std::string_view kShop = R"toml(
name = "shop"

[params]
channel = { type = "string", choices = ["stable", "nightly"], default = "stable", description = "release channel" }

[defaults]
timeout = "15m"

[[stage]]
name    = "build"
run     = ["cmake -S . -B build -G Ninja", "cmake --build build"]
inputs  = ["CMakeLists.txt", "src/**"]
outputs = ["build/"]
env     = { CCACHE_DIR = ".ccache" }

[[stage]]
name    = "unit"
kind    = "unit"
reports = "none"
run     = "ctest --test-dir build --output-junit junit.xml"

[[stage]]
name    = "lint"
needs   = []                                   # starts at once, beside build
run     = "clang-tidy src/*.cpp"
allow_failure = true

[[stage]]
name    = "integration"
kind    = "integration"
reports = "none"
needs   = ["build"]
run     = "tests/integration.sh"

[[stage]]
name      = "package"
needs     = ["unit", "integration"]
run       = "scripts/package.sh dist"
artifacts = [{ name = "shop", paths = ["dist/**"] }]

[[stage]]
name = "acceptance"
kind = "acceptance"
reports = "none"
uses = ["shop"]                                # gets the artifact in $ARTIFACT_SHOP, not the build tree
run  = "tests/acceptance.sh $ARTIFACT_SHOP"

[[stage]]
name        = "staging"
kind        = "deploy"
environment = "staging"
artifact    = "shop"
when        = { branch = ["main"] }

[[stage]]
name         = "production"
kind         = "deploy"
environment  = "production"
artifact     = "shop"
promote_from = "staging"                       # refuses a digest that did not pass staging's gates

[environment.staging]
start  = "./bin/shop --port $PORT"
ports  = "8001-8002"
switch = { listen = "127.0.0.1:8080", preview = "127.0.0.1:8081" }

[environment.production]
target      = "process"
instances   = 4
start       = "./bin/shop --port $PORT"
ports       = "8101-8132"
health      = { http = "/healthz", interval = "500ms", rise = 2, fall = 3, deadline = "30s" }
stop        = { signal = "TERM", timeout = "10s" }
drain       = "10s"
agent       = { labels = ["production"] }
retain      = { releases = 3, warm = "10m" }
allow_downtime = false
toggles     = "toggles/production.json"

[environment.production.switch]
kind   = "haproxy"
listen = "127.0.0.1:8090"
preview = "127.0.0.1:8091"

[environment.production.strategy]
kind  = "rolling"
batch = "25%"

[[environment.production.gate]]
kind = "toggle"                               # dark code stays dark
off  = ["new-checkout"]

[[environment.production.gate]]
kind = "smoke"
run  = ["tests/smoke.sh $PREVIEW_URL"]
timeout = "2m"
)toml";

}  // namespace pipeline::config
