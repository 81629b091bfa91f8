// Requests that nobody in his right mind sends, with the token that may do everything: the server
// answers each, none as if it were its own fault, and goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <map>
#include <random>

#include "tests/support/http/tcp.h"
#include "tests/support/team/team.h"

namespace pipeline::e2e {
namespace {

namespace json = boost::json;
using support::Team;

const std::string kDigest(64, 'a');

// What the API says of itself.
struct Operation {
  std::string method;
  std::string path;                  // with {names}
  std::string scope{};               // empty: open to everybody
  std::vector<std::string> query{};  // names of parameters
};

std::vector<Operation> operations_of(const json::object& document) {
  std::vector<Operation> all;
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    for (const auto& [method, described] : methods.as_object()) {
      Operation operation{.method = std::string(method), .path = std::string(path)};
      std::ranges::transform(operation.method, operation.method.begin(), ::toupper);
      const json::object& object = described.as_object();
      if (const auto* scope = object.if_contains("x-scope")) operation.scope = scope->as_string();
      for (const json::value& parameter : object.at("parameters").as_array())
        if (parameter.at("in") == "query")
          operation.query.emplace_back(parameter.at("name").as_string());
      all.push_back(std::move(operation));
    }
  }
  return all;
}

class Stranger {
 public:
  Stranger(unsigned seed, std::vector<Operation> operations)
      : random_(seed), operations_(std::move(operations)) {}

  std::string request(const std::string& token) {
    if (below(10) == 0) return bytes(below(300));
    static const std::array methods = {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "X"};
    const Operation& operation = operations_.at(below(operations_.size()));
    const std::string body = this->body();
    std::string text = (below(4) == 0 ? pick(methods) : operation.method) + std::string(" ") +
                       path(operation) + " HTTP/1.1\r\nHost: x\r\n";
    if (below(7) != 0) text += "Authorization: Bearer " + token + "\r\n";
    return text + "Connection: close\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  template <class Choices>
  typename Choices::value_type pick(const Choices& choices) {
    return choices.at(below(choices.size()));
  }
  std::string bytes(std::size_t count) {
    std::string made(count, '\0');
    for (char& c : made) c = static_cast<char>(below(256));
    return made;
  }

  std::string path(const Operation& operation) {
    static const std::array parts = {std::string("1"),
                                     std::string("a"),
                                     std::string("shop"),
                                     std::string("x"),
                                     kDigest,
                                     std::string("..."),
                                     std::string("%2e%2e"),
                                     std::string("999999999999999"),
                                     std::string("info/refs")};
    std::string path;
    for (std::size_t at = 0; at < operation.path.size(); ++at) {
      if (operation.path[at] != '{') {
        path += operation.path[at];
        continue;
      }
      path += pick(parts);
      at = operation.path.find('}', at);
    }
    constexpr std::string_view kOdd = "%/.?&= A0{}\"'<>\\~\t";
    if (below(3) == 0) path[below(path.size())] = kOdd[below(kOdd.size())];
    return path + query(operation);
  }

  std::string query(const Operation& operation) {
    static const std::array values = {"1",
                                      "0",
                                      "-1",
                                      "99999999999999999999",
                                      "x",
                                      "unit",
                                      "%00",
                                      "../../../etc/passwd",
                                      "a%2fb",
                                      "",
                                      "18446744073709551615"};
    std::string query;
    for (const std::string& name : operation.query)
      if (below(3) != 0)
        query.append(query.empty() ? "?" : "&").append(name).append("=").append(pick(values));
    if (below(5) == 0) query.append(query.empty() ? "?" : "&").append("service=git-upload-pack");
    return query;
  }

  std::string body() {
    static const std::array bodies = {std::string(),
                                      std::string("{}"),
                                      std::string("[]"),
                                      std::string("null"),
                                      std::string(R"({"name":"x"})"),
                                      std::string(R"({"name":3,"scopes":[1]})"),
                                      std::string(R"({"repository":"shop","params":{"a":1}})"),
                                      std::string(R"({"repository":"shop","ref":"--all"})"),
                                      std::string(R"({"agent":"a","labels":[null]})"),
                                      std::string(R"({"attempts":[{}]})"),
                                      std::string(5000, '['),
                                      std::string("0000")};
    return below(8) == 0 ? bytes(200) : pick(bodies);
  }

  std::minstd_rand random_;
  const std::vector<Operation> operations_;
};

class Hostile : public Team {
 protected:
  std::vector<Operation> operations() {
    const auto document = product_.shell("curl --silent " + url() + "/api/v1/openapi.json").out;
    auto all = operations_of(json::parse(document).as_object());
    EXPECT_GT(all.size(), 30U);
    // What waits for work is answered when there is some.
    std::erase_if(all, [](const Operation& one) { return one.path.ends_with("/lease"); });
    return all;
  }
  support::HttpMessage answer_to(const std::string& request) const {
    support::HttpMessage answer;
    const host::UniqueFd connection = support::connect_to("127.0.0.1", port());
    std::string buffer;
    support::send_all(connection.get(), request);
    support::read_message(connection.get(), buffer, answer);
    // Of a stream, or one that is cut off, there is no whole message.
    answer.head += buffer;
    return answer;
  }
};

// Each operation that asks for a scope is refused to a token that has every other one but those
// that stand above it, and to nobody's.
TEST_F(Hostile, NothingIsDoneWithoutItsScope) {
  const std::map<std::string, std::vector<std::string>> others = {
      {"read", {"agent", "flags"}},
      {"run", {"read", "approve", "deploy", "agent", "flags"}},
      {"approve", {"read", "run", "deploy", "agent", "flags"}},
      {"deploy", {"read", "run", "approve", "agent", "flags"}},
      {"agent", {"read", "run", "approve", "deploy", "flags"}},
      {"flags", {"agent"}},
      {"admin", {"read", "run", "approve", "deploy", "agent", "flags"}}};
  std::map<std::string, std::string> tokens;  // by the scope that they lack
  for (const auto& [scope, given] : others) {
    std::vector<std::string> arguments = {"token", "add", "all-but-" + scope};
    for (const std::string& one : given) arguments.insert(arguments.end(), {"--scope", one});
    tokens[scope] = run(arguments).out;
    tokens[scope].pop_back();
  }
  for (const Operation& operation : operations()) {
    if (operation.scope.empty()) continue;
    std::string path = operation.path;
    for (auto at = path.find('{'); at != std::string::npos; at = path.find('{'))
      path.replace(at, path.find('}', at) - at + 1, "1");
    const std::string head = operation.method + " " + path +
                             " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n";
    EXPECT_TRUE(answer_to(head + "\r\n").head.starts_with("HTTP/1.1 401")) << head;
    EXPECT_TRUE(answer_to(head + "Authorization: Bearer " + tokens.at(operation.scope) + "\r\n\r\n")
                    .head.starts_with("HTTP/1.1 403"))
        << head;
  }
}

TEST_F(Hostile, AnswersWhateverIsAskedAndGoesOn) {
  // As many as are heard, each of them, as often as it asks.
  constexpr int kAsked = 3000;
  constexpr std::size_t kTokens = 12;
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < kTokens; ++i) {
    tokens.push_back(
        run({"token", "add", "stranger-" + std::to_string(i), "--scope", "admin"}).out);
    tokens.back().pop_back();
  }
  const unsigned seed = std::random_device()();
  Stranger stranger(seed, operations());
  for (int i = 0; i < kAsked; ++i) {
    const std::string asked = stranger.request(tokens.at(static_cast<std::size_t>(i) % kTokens));
    // The rest of a head is waited for.
    if (asked.find("\r\n\r\n") == std::string::npos) {
      const host::UniqueFd connection = support::connect_to("127.0.0.1", port());
      support::send_all(connection.get(), asked);
      continue;
    }
    const support::HttpMessage answer = answer_to(asked);
    ASSERT_FALSE(answer.head.starts_with("HTTP/1.1 5")) << "seed " << seed << "\n"
                                                        << asked << "\n"
                                                        << answer.head << answer.body;
  }
  EXPECT_EQ(run({"runs"}).exit_code, 0);
  EXPECT_EQ(stop_server().exit_code, 0);
}

}  // namespace
}  // namespace pipeline::e2e
