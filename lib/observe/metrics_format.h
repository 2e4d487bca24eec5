// SPDX-License-Identifier: BSD-3-Clause
//
// The two text forms of metrics, and which of them an HTTP client wants.
//
//   kOpenMetrics  OpenMetrics 1.0: the type names the family, "# UNIT", and "# EOF" at the end
//   kClassic      Prometheus' text format 0.0.4, which `promtool check metrics` reads
//
// Thread: any (pure).
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace dpvrrp {

enum class MetricsFormat : uint8_t { kOpenMetrics, kClassic };

absl::string_view ContentTypeOf(MetricsFormat format);

// By the Accept header (RFC 9110 12.5.1): OpenMetrics if the client names it with a quality that is not 0 and not below
// that of text/plain. Otherwise, and without the header, the classic form.
MetricsFormat ChooseMetricsFormat(absl::string_view accept);

}  // namespace dpvrrp
