// SPDX-License-Identifier: BSD-3-Clause
#include "gen/outcome.h"

#include <gmock/gmock.h>

#include "gen/svg.h"
#include "unit/gen/gen_testing.h"

namespace dpvrrp {
namespace {

using testing::HasSubstr;
using testing::Not;

Samples OneTo(int last) {
  Samples samples;
  for (int i = last; i >= 1; --i) samples.Add(std::chrono::milliseconds(i));
  return samples;
}

TEST(SamplesTest, KnowsPercentiles) {
  const Samples samples = OneTo(100);
  EXPECT_EQ(samples.At(0), 1ms);
  EXPECT_EQ(samples.At(500), 51ms);
  EXPECT_EQ(samples.At(990), 100ms);
  EXPECT_EQ(samples.At(1000), 100ms);
}

TEST(SvgTest, EveryBarHasItsShare) {
  const std::vector<uint64_t> counts = HistogramCounts(OneTo(400));
  ASSERT_EQ(counts.size(), kHistogramBars);
  for (const uint64_t count : counts) EXPECT_NEAR(static_cast<double>(count), 10, 1);
}

TEST(SvgTest, OneSampleIsOneBar) {
  Samples samples;
  samples.Add(-5ms);
  const std::vector<uint64_t> counts = HistogramCounts(samples);
  EXPECT_EQ(counts[0], 1u);
  EXPECT_THAT(HistogramSvg({{"one", &samples}}), HasSubstr("-5.000 ms"));
}

TEST(SvgTest, EscapesATitleAndSaysThatThereIsNothing) {
  const Samples samples = OneTo(2);
  EXPECT_THAT(HistogramSvg({{"a < b & c", &samples}}), HasSubstr("a &lt; b &amp; c"));
  EXPECT_THAT(HistogramSvg({}), HasSubstr("measured nothing"));
}

TEST(GenOutcomeTest, ShowsATakeover) {
  const GenProfile profile = ProfileOf(
      "name = \"lan\"\nkind = \"master\"\nvrid = \"51-52\"\nsource_address = \"10.99.0.1\"\n"
      "virtual_addresses = [\"10.99.0.100\"]\nsilent_at = 1\n");
  GenObserver observer(profile, kTestStart);
  for (const size_t router : {0u, 1u}) observer.Sent(0, {router, 0, false}, kTestStart);
  AdvertFrame advert;
  advert.source = Ip("10.99.0.2");
  advert.priority = 100;
  Bytes frame = advert.Build();
  observer.Received({frame.data(), static_cast<uint16_t>(frame.size()), PortId(0)}, kTestStart + 4s);
  GenRunFacts facts;
  facts.time = 10s;
  facts.engine = "openssl";
  facts.streams = {{.sent = 20, .refused = 1, .skipped = 2, .worst = 3us}};
  const std::string json = RenderJson(GenOutcome(profile, facts, observer, true));
  EXPECT_THAT(json, HasSubstr(R"("taken_over":1,"not_taken_over":1,"did_not_give_way":0)"));
  EXPECT_THAT(json, HasSubstr(R"("takeover_ms":4000.0,"lateness_ms":390.625)"));
  EXPECT_THAT(json, HasSubstr(R"("sent":20,"refused":1,"skipped":2,"worst_late_ms":0.003)"));
  const std::string text = RenderText(GenOutcome(profile, facts, observer, false));
  EXPECT_THAT(text, HasSubstr("390.625"));
  EXPECT_THAT(text, Not(HasSubstr("INSTANCES")));
  EXPECT_THAT(GenPictures(observer), HasSubstr("Lateness"));
}

}  // namespace
}  // namespace dpvrrp
