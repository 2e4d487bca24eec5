// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/drivers.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;

class DriversTest : public testing::Test {
 protected:
  DriversTest() {
    for (const char* name : {"bus_pci", "bus_vdev", "common_mlx5", "crypto_null", "mempool_ring", "net_af_packet",
                             "net_bond", "net_failsafe", "net_ixgbe", "net_null", "net_virtio"}) {
      std::ofstream(folder_ / absl::StrCat("librte_", name, ".so"));
    }
  }

  // The needed drivers without folder, "librte_" and ".so". "all": the whole folder.
  std::vector<std::string> Needed(std::vector<std::string> devices, std::vector<std::string> user = {}) {
    DataplaneConfig config;
    for (std::string& device : devices) config.ports.push_back({std::move(device), {}});
    config.eal_arguments = std::move(user);
    const std::optional<std::vector<std::string>> files = NeededDrivers(config, folder_.path());
    if (!files.has_value()) return {"all"};
    std::vector<std::string> names;
    for (const std::filesystem::path file : *files) {
      EXPECT_EQ(file.parent_path(), folder_.path());
      names.push_back(file.stem().string().substr(7));
    }
    return names;
  }

  TempFolder folder_;
};

TEST_F(DriversTest, AVirtualDeviceNeedsItsDriverItsBusAndTheRingOfThePools) {
  EXPECT_THAT(Needed({"net_af_packet0,iface=eth0"}), ElementsAre("bus_vdev", "mempool_ring", "net_af_packet"));
  EXPECT_THAT(Needed({"net_null0", "net_null12"}), ElementsAre("bus_vdev", "mempool_ring", "net_null"));
  EXPECT_THAT(Needed({"net_virtio_user0,path=/dev/vhost-net"}), ElementsAre("bus_vdev", "mempool_ring", "net_virtio"));
  EXPECT_THAT(Needed({}), ElementsAre("bus_vdev", "mempool_ring"));
}

TEST_F(DriversTest, APciPortNeedsEveryNetworkDriver) {
  EXPECT_THAT(Needed({"3b:00.0", "net_null0"}),
              ElementsAre("bus_pci", "bus_vdev", "mempool_ring", "net_af_packet", "net_bond", "net_failsafe",
                          "net_ixgbe", "net_null", "net_virtio"));
  EXPECT_EQ(Needed({}, {"-a", "3b:00.0"}), Needed({"3b:00.0"}));
}

TEST_F(DriversTest, DevicesOfTheUsersOptionsCount) {
  EXPECT_THAT(Needed({}, {"--vdev", "net_null0"}), ElementsAre("bus_vdev", "mempool_ring", "net_null"));
  EXPECT_THAT(Needed({}, {"--vdev=crypto_null"}), ElementsAre("bus_vdev", "crypto_null", "mempool_ring"));
}

TEST_F(DriversTest, TheWholeFolderIsLoadedIfTheNeedIsNotKnown) {
  for (const char* device : {"net_bonding0,slave=0000:3b:00.0", "net_failsafe0,dev(0000:3b:00.0)", "eth_null0",
                             "net_unknown0", "net_../net_null0"}) {
    EXPECT_THAT(Needed({device}), ElementsAre("all")) << device;
  }
  EXPECT_THAT(Needed({"net_null0"}, {"-d", "/opt/driver.so"}), ElementsAre("all"));
  EXPECT_THAT(Needed({"net_null0"}, {"--mbuf-pool-ops-name=stack"}), ElementsAre("all"));
}

TEST_F(DriversTest, OnlyTheQuestionForEalIsAnsweredInItsPlace) {
  const std::optional<std::string> folder = DriverFolder();
  if (!folder.has_value()) GTEST_SKIP() << "EAL is linked statically";
  const auto eal_is_loaded = [] { return dlopen("librte_eal.so", RTLD_LAZY | RTLD_NOLOAD) != nullptr; };
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(*folder) / "librte_bus_vdev.so"));
  EXPECT_TRUE(eal_is_loaded());
  const OnlyNamedDrivers only;
  EXPECT_FALSE(eal_is_loaded());
  EXPECT_NE(dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD), nullptr);
}

}  // namespace
}  // namespace dpvrrp
