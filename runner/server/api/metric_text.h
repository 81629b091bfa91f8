// Metrics as Prometheus reads them: its text exposition format 0.0.4,
// https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::api {

class MetricText {
 public:
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";
  using Labels = std::vector<std::pair<std::string, std::string>>;

  // Opens a metric; its samples follow. The name of a counter ends with "_total".
  enum class Type { counter, gauge };
  void open(std::string_view name, Type type, std::string_view help);
  void sample(const Labels& labels, double value);
  // A metric of one sample.
  void gauge(std::string_view name, std::string_view help, double value);
  // One of a sample for each value of a label.
  void counter(std::string_view name, std::string_view help, const std::string& label,
               const std::map<std::string, std::uint64_t>& values);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string name_;
};

}  // namespace pipeline::api
