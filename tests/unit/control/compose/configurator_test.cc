// SPDX-License-Identifier: BSD-3-Clause
#include "control/compose/configurator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/control/fake_services.h"

namespace dpvrrp {
namespace {

using ::testing::StartsWith;

class ConfiguratorTest : public testing::Test {
 protected:
  ConfiguratorTest() {
    services_.next_load.config = WithInstances({AhInstance()});
    configurator_.Start(services_.next_load.config, time_);
  }
  ~ConfiguratorTest() override { lifecycle_.Abandon(); }  // which frees the routers of the commands

  ManagedInstance& gw() { return *parts_.registry.Find("gw"); }
  std::string Reload() { return configurator_.Reload(time_).value_or("refused"); }

  FakeServices services_;
  ControlTime time_{Instant{} + std::chrono::hours(1), 1'700'000'000'000};
  std::vector<PortBinding> ports_{{.name = "lan", .id = PortId(0), .mac = MacAddress{{2, 0, 0, 0, 0, 0x0b}}}};
  Parts parts_{services_, ports_, {}, "none", time_};
  Lifecycle lifecycle_{parts_};
  Orders orders_{parts_, lifecycle_};
  Configurator configurator_{parts_, lifecycle_, orders_};
};

TEST_F(ConfiguratorTest, AReloadWithoutADifferenceChangesNothing) {
  const size_t commands = parts_.outbox.shard.size();
  EXPECT_THAT(Reload(), StartsWith("0 added, 0 removed, 0 changed in place"));
  EXPECT_EQ(parts_.outbox.shard.size(), commands);
}

TEST_F(ConfiguratorTest, AReloadEndsAnOperatorsPriority) {
  orders_.SetPriority(gw(), Priority(200), time_);
  EXPECT_EQ(gw().priority, Priority(200));
  EXPECT_THAT(Reload(), StartsWith("0 added, 0 removed, 1 changed in place"));
  EXPECT_EQ(gw().priority, AhInstance().priority);
}

TEST_F(ConfiguratorTest, AReloadLeavesThePriorityThatTracksHaveLowered) {
  gw().priority = parts_.priorities.SetTracks(gw().id, -20);
  const Priority lowered = gw().priority;
  EXPECT_LT(lowered, AhInstance().priority);
  EXPECT_THAT(Reload(), StartsWith("0 added, 0 removed, 0 changed in place"));
  EXPECT_EQ(gw().priority, lowered);
}

}  // namespace
}  // namespace dpvrrp
