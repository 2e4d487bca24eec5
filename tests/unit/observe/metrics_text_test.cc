// SPDX-License-Identifier: BSD-3-Clause
#include "observe/metrics_text.h"

#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

constexpr MetricFamily kSent{"dpvrrp_adverts_sent", MetricType::kCounter, "Adverts sent."};
constexpr MetricFamily kLate{"dpvrrp_late_seconds", MetricType::kGauge, "The \"delay\", with a \\.", "seconds"};
constexpr MetricFamily kBuild{"dpvrrp_build", MetricType::kInfo, "The version."};

std::string Written(MetricsFormat format) {
  MetricsText text(format);
  text.Begin(kSent);
  text.Sample({}, uint64_t{UINT64_MAX});
  text.Begin(kLate);
  text.Sample({{"lcore", "1"}, {"state", "slow"}}, 0.00025);
  text.Begin(kBuild);
  text.Sample({{"version", "1.0"}}, int64_t{1});
  text.End();
  return text.Take();
}

TEST(MetricsTextTest, OpenMetricsNamesFamiliesWithoutTheSuffix) {
  EXPECT_EQ(Written(MetricsFormat::kOpenMetrics),
            "# TYPE dpvrrp_adverts_sent counter\n"
            "# HELP dpvrrp_adverts_sent Adverts sent.\n"
            "dpvrrp_adverts_sent_total 18446744073709551615\n"
            "# TYPE dpvrrp_late_seconds gauge\n"
            "# UNIT dpvrrp_late_seconds seconds\n"
            "# HELP dpvrrp_late_seconds The \\\"delay\\\", with a \\\\.\n"
            "dpvrrp_late_seconds{lcore=\"1\",state=\"slow\"} 0.00025\n"
            "# TYPE dpvrrp_build info\n"
            "# HELP dpvrrp_build The version.\n"
            "dpvrrp_build_info{version=\"1.0\"} 1\n"
            "# EOF\n");
}

TEST(MetricsTextTest, TheClassicFormNamesThemAsTheirSamples) {
  EXPECT_EQ(Written(MetricsFormat::kClassic),
            "# TYPE dpvrrp_adverts_sent_total counter\n"
            "# HELP dpvrrp_adverts_sent_total Adverts sent.\n"
            "dpvrrp_adverts_sent_total 18446744073709551615\n"
            "# TYPE dpvrrp_late_seconds gauge\n"
            "# HELP dpvrrp_late_seconds The \"delay\", with a \\\\.\n"
            "dpvrrp_late_seconds{lcore=\"1\",state=\"slow\"} 0.00025\n"
            "# TYPE dpvrrp_build_info gauge\n"
            "# HELP dpvrrp_build_info The version.\n"
            "dpvrrp_build_info{version=\"1.0\"} 1\n");
}

TEST(MetricsTextTest, LabelsMayHaveAnyText) {
  MetricsText text(MetricsFormat::kOpenMetrics);
  text.Begin(kSent);
  text.Take();
  text.Sample({{"instance", "a\"b\\c\nd{}=,#é"}}, int64_t{-3});
  EXPECT_EQ(text.Take(), "dpvrrp_adverts_sent_total{instance=\"a\\\"b\\\\c\\nd{}=,#é\"} -3\n");
}

TEST(MetricsTextTest, TimesKeepTheirMilliseconds) {
  MetricsText text(MetricsFormat::kOpenMetrics);
  text.Begin(kLate);
  text.Take();
  text.Sample({}, 1796082000.123);
  EXPECT_EQ(text.Take(), "dpvrrp_late_seconds 1796082000.123\n");
}

TEST(MetricsTextTest, SlicesAreTheWholeText) {
  MetricsText text(MetricsFormat::kOpenMetrics);
  std::string slices;
  text.Begin(kSent);
  slices += text.Take();
  EXPECT_EQ(text.size(), 0u);
  text.Sample({{"port", "a"}}, uint64_t{1});
  slices += text.Take();
  text.Sample({{"port", "b"}}, uint64_t{2});
  slices += text.Take();
  EXPECT_TRUE(slices.ends_with("dpvrrp_adverts_sent_total{port=\"a\"} 1\ndpvrrp_adverts_sent_total{port=\"b\"} 2\n"));
}

}  // namespace
}  // namespace dpvrrp
