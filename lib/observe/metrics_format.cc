// SPDX-License-Identifier: BSD-3-Clause
#include "observe/metrics_format.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace dpvrrp {
namespace {

// The parameter q of a range of media types; 1 if there is none, 0 if it is not a number.
double QualityOf(const std::vector<absl::string_view>& parameters) {
  for (size_t i = 1; i < parameters.size(); ++i) {
    const absl::string_view parameter = absl::StripAsciiWhitespace(parameters[i]);
    if (!absl::StartsWithIgnoreCase(parameter, "q=")) continue;
    double quality = 0;
    return absl::SimpleAtod(parameter.substr(2), &quality) ? quality : 0;
  }
  return 1;
}

}  // namespace

absl::string_view ContentTypeOf(MetricsFormat format) {
  return format == MetricsFormat::kOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                               : "text/plain; version=0.0.4; charset=utf-8";
}

MetricsFormat ChooseMetricsFormat(absl::string_view accept) {
  double open_metrics = 0, plain = 0;
  for (const absl::string_view range : absl::StrSplit(accept, ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(range, ';');
    const absl::string_view type = absl::StripAsciiWhitespace(parts[0]);
    if (absl::EqualsIgnoreCase(type, "application/openmetrics-text")) {
      open_metrics = std::max(open_metrics, QualityOf(parts));
    } else if (absl::EqualsIgnoreCase(type, "text/plain")) {
      plain = std::max(plain, QualityOf(parts));
    }
  }
  return open_metrics > 0 && open_metrics >= plain ? MetricsFormat::kOpenMetrics : MetricsFormat::kClassic;
}

}  // namespace dpvrrp
