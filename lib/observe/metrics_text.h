// SPDX-License-Identifier: BSD-3-Clause
//
// Writes metrics as text, family by family:
//
//   # TYPE dpvrrp_adverts_sent counter
//   # HELP dpvrrp_adverts_sent Adverts sent.
//   dpvrrp_adverts_sent_total{port="uplink"} 4711
//
// The text may be taken away in slices. Only the last call of a scrape, End(), is not for every slice.
//
// Thread: any (values).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "observe/metrics_format.h"

namespace dpvrrp {

// kInfo: constant facts as labels, with the value 1.
enum class MetricType : uint8_t { kCounter, kGauge, kInfo };

// A family of samples of one name. The name has no "_total" and no "_info": the text adds them. If there is a unit, the
// name ends in it.
struct MetricFamily {
  absl::string_view name;
  MetricType type;
  absl::string_view help;  // a sentence
  absl::string_view unit = {};
};

// The name of the family's samples: with "_total" or "_info".
std::string SampleName(const MetricFamily& family);

struct MetricLabel {
  absl::string_view name;
  absl::string_view value;  // any text; it is escaped
};
using MetricLabels = std::initializer_list<MetricLabel>;

class MetricsText {
 public:
  explicit MetricsText(MetricsFormat format) : format_(format) {}

  // Begins a family. Each family begins once in a scrape.
  void Begin(const MetricFamily& family);
  // Samples of the family that was begun last. No two with the same labels.
  void Sample(MetricLabels labels, uint64_t value);
  void Sample(MetricLabels labels, int64_t value);
  void Sample(MetricLabels labels, double value);
  void End();  // of the scrape

  // What was written since the last call.
  std::string Take() { return std::move(text_); }
  size_t size() const { return text_.size(); }

 private:
  void Head(MetricLabels labels);

  MetricsFormat format_;
  std::string sample_name_;
  std::string text_;
};

}  // namespace dpvrrp
