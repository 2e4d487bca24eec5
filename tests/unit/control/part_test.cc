// SPDX-License-Identifier: BSD-3-Clause
//
// The parts of control are driven from one array.
#include "control/part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DummyPart : public Part {
 public:
  void OnTime(ControlTime t) override {
    if (t.now < deadline) return;
    driven.push_back(t.now);
    deadline = kNever;
  }
  Instant NextDeadline() const override { return deadline; }
  void Forget(InstanceId id) override { forgotten.push_back(id); }

  Instant deadline = kNever;
  std::vector<Instant> driven;
  std::vector<InstanceId> forgotten;
};

TEST(PartList, TheEarliestDeadlineCounts) {
  DummyPart one, two;
  PartList parts;
  EXPECT_EQ(parts.NextDeadline(), kNever);
  parts.Add(one);
  parts.Add(two);
  EXPECT_EQ(parts.NextDeadline(), kNever);
  one.deadline = Instant{} + 3s;
  two.deadline = Instant{} + 2s;
  EXPECT_EQ(parts.NextDeadline(), Instant{} + 2s);
  parts.OnTime({Instant{} + 2s, 0});
  EXPECT_THAT(one.driven, IsEmpty());
  EXPECT_THAT(two.driven, ElementsAre(Instant{} + 2s));
  EXPECT_EQ(parts.NextDeadline(), Instant{} + 3s);
}

TEST(PartList, TheControllerDrivesAPartThatIsAdded) {
  DummyPart dummy;
  Gateway gateway;
  gateway.controller.AddPart(dummy);
  gateway.Start(WithInstances({AhInstance()}));
  const Instant due = gateway.Time().now + 1500ms;
  dummy.deadline = due;
  EXPECT_LE(gateway.controller.NextDeadline(), due);
  gateway.RunFor(1s);
  EXPECT_THAT(dummy.driven, IsEmpty());
  gateway.RunFor(1s);
  EXPECT_THAT(dummy.driven, ElementsAre(due));
  const InstanceId id = gateway.controller.FindInstance("gw")->id;
  gateway.controller.Shutdown(gateway.Time());
  gateway.Turn();
  EXPECT_THAT(dummy.forgotten, ElementsAre(id));
}

}  // namespace
}  // namespace dpvrrp
