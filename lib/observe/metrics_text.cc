// SPDX-License-Identifier: BSD-3-Clause
#include "observe/metrics_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace dpvrrp {
namespace {

// In labels, and in the help of OpenMetrics, a quote is escaped too.
void AppendEscaped(absl::string_view text, bool quotes, std::string& to) {
  for (const char c : text) {
    if (c == '\\') {
      to += "\\\\";
    } else if (c == '\n') {
      to += "\\n";
    } else if (c == '"' && quotes) {
      to += "\\\"";
    } else {
      to += c;
    }
  }
}

absl::string_view TypeName(MetricType type, MetricsFormat format) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kInfo:
      return format == MetricsFormat::kOpenMetrics ? "info" : "gauge";
    case MetricType::kGauge:
      break;
  }
  return "gauge";
}

}  // namespace

std::string SampleName(const MetricFamily& family) {
  const absl::string_view suffix = family.type == MetricType::kCounter ? "_total"
                                   : family.type == MetricType::kInfo  ? "_info"
                                                                       : "";
  return absl::StrCat(family.name, suffix);
}

void MetricsText::Begin(const MetricFamily& family) {
  sample_name_ = SampleName(family);
  const bool open_metrics = format_ == MetricsFormat::kOpenMetrics;
  const std::string name = open_metrics ? std::string(family.name) : sample_name_;
  absl::StrAppend(&text_, "# TYPE ", name, " ", TypeName(family.type, format_), "\n");
  if (open_metrics && !family.unit.empty()) absl::StrAppend(&text_, "# UNIT ", name, " ", family.unit, "\n");
  absl::StrAppend(&text_, "# HELP ", name, " ");
  AppendEscaped(family.help, open_metrics, text_);
  text_ += '\n';
}

void MetricsText::Head(MetricLabels labels) {
  text_ += sample_name_;
  char before = '{';
  for (const MetricLabel& label : labels) {
    text_ += before;
    before = ',';
    absl::StrAppend(&text_, label.name, "=\"");
    AppendEscaped(label.value, true, text_);
    text_ += '"';
  }
  if (labels.size() > 0) text_ += '}';
  text_ += ' ';
}

void MetricsText::Sample(MetricLabels labels, uint64_t value) {
  Head(labels);
  absl::StrAppend(&text_, value, "\n");
}

void MetricsText::Sample(MetricLabels labels, int64_t value) {
  Head(labels);
  absl::StrAppend(&text_, value, "\n");
}

void MetricsText::Sample(MetricLabels labels, double value) {
  Head(labels);
  absl::StrAppendFormat(&text_, "%.15g\n", value);
}

void MetricsText::End() {
  if (format_ == MetricsFormat::kOpenMetrics) text_ += "# EOF\n";
}

}  // namespace dpvrrp
