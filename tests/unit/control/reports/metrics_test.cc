// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

struct Scraped {
  std::string text;
  size_t parts = 0;
  size_t longest = 0;  // bytes of a part
};

Scraped Scrape(const Gateway& gateway, bool per_instance, MetricsFormat format = MetricsFormat::kOpenMetrics) {
  MetricsScrape scrape(gateway.controller.view(), format, per_instance, gateway.Time());
  Scraped scraped;
  bool more = true;
  while (more) {
    std::string part;
    more = scrape.Next(part);
    ++scraped.parts;
    scraped.longest = std::max(scraped.longest, part.size());
    scraped.text += part;
  }
  return scraped;
}

std::vector<std::string> LinesOf(const std::string& text) { return absl::StrSplit(text, '\n'); }

// A group of these instances.
GroupConfig Pair(std::vector<std::string> members) {
  GroupConfig group;
  group.name = "pair";
  group.members = std::move(members);
  return group;
}

// Workers on lcores 1 and 2, and a port.
void GiveDevices(Gateway& gateway) {
  gateway.services.workers.resize(2);
  gateway.services.workers[0].lcore = 1;
  gateway.services.workers[1].lcore = 2;
  gateway.services.ports.resize(1);
  gateway.services.ports[0].name = "lan";
}

Config SomeInstances(uint16_t vlans) {
  Config config = WithInstances(OnVlans(vlans));
  TrackConfig track;
  track.name = "uplink";
  config.tracks = {track};
  return config;
}

TEST(AllMetricsTest, NamesAreValidUniqueAndEndInTheirUnit) {
  const std::regex name(R"(dpvrrp(_[a-z]+)+)");
  const std::regex labels(R"(|[a-z_]+(, [a-z_]+)*)");
  std::set<std::string> seen;
  for (const MetricInfo& metric : AllMetrics()) {
    const std::string text(metric.family.name);
    EXPECT_TRUE(std::regex_match(text, name)) << text;
    EXPECT_TRUE(std::regex_match(std::string(metric.labels), labels)) << metric.labels;
    EXPECT_TRUE(seen.insert(text).second) << text << " twice";
    EXPECT_TRUE(absl::EndsWith(metric.family.help, ".")) << metric.family.help;
    EXPECT_FALSE(absl::EndsWith(text, "_total") || absl::EndsWith(text, "_info")) << text;
    const bool ends_in_unit = metric.family.unit.empty() || absl::EndsWith(text, absl::StrCat("_", metric.family.unit));
    EXPECT_TRUE(ends_in_unit) << text;
    EXPECT_EQ(absl::StrContains(text, "seconds"), metric.family.unit == "seconds") << text;
  }
}

// OpenMetrics 1.0: a family is one block, and no two samples have the same name and labels.
TEST(MetricsScrapeTest, EachFamilyIsOneBlockWithoutDuplicates) {
  Gateway gateway;
  Config config = SomeInstances(3);
  config.groups = {Pair({"gw-1", "gw-2"})};
  gateway.Start(config);
  GiveDevices(gateway);
  const std::vector<std::string> lines = LinesOf(Scrape(gateway, true).text);
  std::set<std::string> families, samples;
  std::string family, suffix;
  for (const std::string& line : lines) {
    if (absl::StartsWith(line, "# TYPE ")) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      family = words[2];
      suffix = words[3] == "counter" ? "_total" : words[3] == "info" ? "_info" : "";
      EXPECT_TRUE(families.insert(family).second) << family;
    } else if (!absl::StartsWith(line, "#") && !line.empty()) {
      const std::string sample = line.substr(0, line.rfind(' '));
      EXPECT_EQ(sample.substr(0, sample.find('{')), family + suffix);
      EXPECT_TRUE(samples.insert(sample).second) << sample;
    }
  }
  for (const MetricInfo& metric : AllMetrics()) {
    EXPECT_TRUE(families.contains(std::string(metric.family.name))) << metric.family.name;
  }
  EXPECT_EQ(lines[lines.size() - 2], "# EOF");
}

TEST(MetricsScrapeTest, TheLabelsAreThoseOfTheTable) {
  Gateway gateway;
  Config config = SomeInstances(1);
  config.groups = {Pair({"gw-1"})};
  gateway.Start(config);
  ASSERT_EQ(gateway.Ask("track set uplink up").status, Answer::Status::kOk);
  GiveDevices(gateway);
  gateway.RunFor(5s);
  const std::string text = Scrape(gateway, true).text;
  for (const MetricInfo& metric : AllMetrics()) {
    const std::string name = SampleName(metric.family);
    const size_t at = text.find(absl::StrCat("\n", name, metric.labels.empty() ? " " : "{"));
    ASSERT_NE(at, std::string::npos) << name;
    std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    std::vector<std::string> labels;
    static const std::regex kLabel(R"re(([a-z_]+)="[^"]*")re");
    for (std::sregex_iterator it(line.begin(), line.end(), kLabel), end; it != end; ++it) labels.push_back((*it)[1]);
    EXPECT_EQ(absl::StrJoin(labels, ", "), metric.labels) << line;
  }
}

TEST(MetricsScrapeTest, FiguresAreThoseOfTheReports) {
  Gateway gateway;
  gateway.Start(SomeInstances(2));
  gateway.RunFor(5s);  // both are master
  gateway.Receive({1, 2, 3});
  const std::vector<std::string> lines = LinesOf(Scrape(gateway, true).text);
  EXPECT_THAT(lines, Contains("dpvrrp_instances{state=\"master\"} 2"));
  EXPECT_THAT(lines, Contains("dpvrrp_segment_instances{port=\"lan\",vlan=\"1\",state=\"master\"} 1"));
  EXPECT_THAT(lines, Contains("dpvrrp_instance_state{vrrp_instance=\"gw-2\"} 3"));
  const std::string status = gateway.Ask("show status --json").body;
  for (const auto& [metric, key] : {std::pair("dpvrrp_adverts_sent_total ", "\"adverts_sent\":"),
                                    std::pair("dpvrrp_transitions_total ", "\"transitions\":")}) {
    const auto line = std::find_if(lines.begin(), lines.end(),
                                   [metric = metric](const std::string& l) { return absl::StartsWith(l, metric); });
    ASSERT_NE(line, lines.end());
    EXPECT_NE(absl::StripPrefix(*line, metric), "0");
    EXPECT_THAT(status, HasSubstr(absl::StrCat(key, absl::StripPrefix(*line, metric))));
  }
  EXPECT_THAT(lines, Contains("dpvrrp_frames_dropped_total{reason=\"truncated\"} 1"));
}

// The number of series must not grow with the number of instances, unless the file asks for that.
TEST(MetricsScrapeTest, WithoutPerInstanceNoSeriesHasTheNameOfAnInstance) {
  Gateway gateway;
  gateway.Start(SomeInstances(3));
  const std::string text = Scrape(gateway, false).text;
  EXPECT_THAT(text, Not(HasSubstr("gw-")));
  EXPECT_THAT(text, Not(HasSubstr("uplink")));
}

TEST(MetricsScrapeTest, ManyInstancesAreWrittenInSmallParts) {
  Gateway gateway;
  gateway.Start(SomeInstances(2000));
  const Scraped scraped = Scrape(gateway, true);
  EXPECT_LT(scraped.longest, 20'000u);
  EXPECT_GT(scraped.parts, scraped.text.size() / 20'000);
  size_t states = 0;
  for (const std::string& line : LinesOf(scraped.text)) states += absl::StartsWith(line, "dpvrrp_instance_state{");
  EXPECT_EQ(states, 2000u);
}

TEST(MetricsScrapeTest, InstancesMayEndBetweenTwoParts) {
  Gateway gateway;
  gateway.Start(SomeInstances(600));
  MetricsScrape scrape(gateway.controller.view(), MetricsFormat::kOpenMetrics, true, gateway.Time());
  std::string text;
  ASSERT_TRUE(scrape.Next(text));  // of the sums
  gateway.services.next_load.config = SomeInstances(10);
  ASSERT_TRUE(gateway.controller.Reload(gateway.Time()).ok());
  gateway.RunFor(1s);
  while (scrape.Next(text)) {
  }
  EXPECT_THAT(text, HasSubstr("dpvrrp_instance_state{vrrp_instance=\"gw-10\"}"));
  EXPECT_THAT(text, Not(HasSubstr("dpvrrp_instance_state{vrrp_instance=\"gw-11\"}")));
  EXPECT_TRUE(absl::EndsWith(text, "# EOF\n"));
}

// The value of a sample. Its line must be there.
uint64_t ValueOf(const std::string& text, const std::string& sample) {
  const size_t at = text.find(absl::StrCat("\n", sample, " "));
  EXPECT_NE(at, std::string::npos) << sample;
  return at == std::string::npos ? 0 : std::stoull(text.substr(at + sample.size() + 2));
}

// OpenMetrics 1.0, 5.1: the total of a counter never falls while the program runs.
TEST(MetricsScrapeTest, CountersOfASegmentDoNotFallWhenAnInstanceIsRemoved) {
  Gateway gateway;
  Config config = WithInstances(OnVlans(1));
  config.instances.push_back(config.instances.front());
  config.instances.back().name = "other";
  config.instances.back().vrid = Vrid(99);
  gateway.Start(config);
  gateway.RunFor(10s);
  const std::string sent = "dpvrrp_segment_adverts_sent_total{port=\"lan\",vlan=\"1\"}";
  const std::string became = "dpvrrp_segment_became_master_total{port=\"lan\",vlan=\"1\"}";
  uint64_t last = ValueOf(Scrape(gateway, false).text, sent);
  ASSERT_GT(last, 8u);
  ASSERT_EQ(ValueOf(Scrape(gateway, false).text, became), 2u);
  for (const size_t instances : {1, 2}) {  // one is removed, and comes back with counters of its own
    Config next = config;
    next.instances.resize(instances);
    gateway.services.next_load.config = next;
    ASSERT_TRUE(gateway.controller.Reload(gateway.Time()).ok());
    for (int turn = 0; turn < 50; ++turn) {
      const uint64_t now = ValueOf(Scrape(gateway, false).text, sent);
      EXPECT_GE(now, last);
      last = now;
      gateway.RunFor(100ms);
    }
  }
  EXPECT_EQ(ValueOf(Scrape(gateway, false).text, became), 3u);
}

TEST(MetricsScrapeTest, AnInstanceThatEndsBetweenTwoPartsCountsOnce) {
  Gateway gateway;
  Config config = WithInstances(OnVlans(1));
  for (int i = 2; i <= 600; ++i) {  // of several slices
    config.instances.push_back(config.instances.front());
    config.instances.back().name = absl::StrCat("gw-", i);
    config.instances.back().vlan = VlanStack{static_cast<uint16_t>(2 + i / 250)};
    config.instances.back().vrid = Vrid(static_cast<uint8_t>(1 + i % 250));
  }
  gateway.Start(config);
  gateway.RunFor(10s);
  const std::string became = "dpvrrp_segment_became_master_total{port=\"lan\",vlan=\"2\"}";
  MetricsScrape scrape(gateway.controller.view(), MetricsFormat::kOpenMetrics, false, gateway.Time());
  std::string text;
  ASSERT_TRUE(scrape.Next(text));  // of the sums
  const uint64_t before = ValueOf(Scrape(gateway, false).text, became);
  Config next = config;
  std::erase_if(next.instances,
                [](const InstanceConfig& each) { return each.name == "gw-2" || each.name == "gw-240"; });
  gateway.services.next_load.config = next;
  ASSERT_TRUE(gateway.controller.Reload(gateway.Time()).ok());
  gateway.RunFor(1s);
  while (scrape.Next(text)) {
  }
  EXPECT_EQ(ValueOf(text, became), before);
  EXPECT_EQ(ValueOf(Scrape(gateway, false).text, became), before);
}

TEST(ShowMetricsTest, PrintsTheTextOfAScrape) {
  Gateway gateway;
  gateway.Start(SomeInstances(2));
  EXPECT_EQ(gateway.Ask("show metrics").body, Scrape(gateway, false, MetricsFormat::kClassic).text);
  EXPECT_EQ(gateway.Ask("show metrics --openmetrics").body, Scrape(gateway, false).text);
}

TEST(ShowMetricsTest, HasInstancesIfTheFileAsksForThem) {
  Gateway gateway;
  Config config = SomeInstances(2);
  config.metrics.per_instance = true;
  gateway.Start(config);
  EXPECT_THAT(gateway.Ask("show metrics").body, HasSubstr("dpvrrp_instance_state{vrrp_instance=\"gw-1\"} "));
}

}  // namespace
}  // namespace dpvrrp
