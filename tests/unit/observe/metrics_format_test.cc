// SPDX-License-Identifier: BSD-3-Clause
#include "observe/metrics_format.h"

#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

constexpr MetricsFormat kOpen = MetricsFormat::kOpenMetrics;
constexpr MetricsFormat kClassic = MetricsFormat::kClassic;

TEST(MetricsFormatTest, PrometheusGetsOpenMetrics) {
  // Prometheus 2.42, 3.x, and 2.x with OpenMetrics switched off.
  EXPECT_EQ(ChooseMetricsFormat("application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                                "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            kOpen);
  EXPECT_EQ(ChooseMetricsFormat("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                                "text/plain;version=0.0.4;q=0.4,*/*;q=0.3"),
            kOpen);
  EXPECT_EQ(ChooseMetricsFormat("text/plain;version=0.0.4;q=1,*/*;q=0.1"), kClassic);
}

TEST(MetricsFormatTest, WithoutItsNameAClientGetsTheClassicForm) {
  for (const char* accept : {"", "*/*", "text/html, */*;q=0.8", "text/*", ",,;;q=,", "openmetrics"}) {
    EXPECT_EQ(ChooseMetricsFormat(accept), kClassic) << accept;
  }
}

TEST(MetricsFormatTest, TheHigherQualityWins) {
  EXPECT_EQ(ChooseMetricsFormat("text/plain;q=0.9, application/openmetrics-text;q=0.2"), kClassic);
  EXPECT_EQ(ChooseMetricsFormat("text/plain;q=0.2, Application/OpenMetrics-Text ; q=0.9"), kOpen);
  EXPECT_EQ(ChooseMetricsFormat("application/openmetrics-text;q=0"), kClassic);  // RFC 9110 12.4.2: not acceptable
  EXPECT_EQ(ChooseMetricsFormat("application/openmetrics-text;q=high"), kClassic);
}

TEST(MetricsFormatTest, EachHasItsContentType) {
  EXPECT_EQ(ContentTypeOf(kOpen), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(ContentTypeOf(kClassic), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace dpvrrp
