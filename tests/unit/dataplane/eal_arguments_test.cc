// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/eal_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

DataplaneConfig ConfigOf(std::vector<std::string> devices, std::vector<std::string> user = {}) {
  DataplaneConfig config;
  for (std::string& device : devices) config.ports.push_back({std::move(device), {}});
  config.main_lcore = 2;
  config.lcores = {1};
  config.eal_arguments = std::move(user);
  return config;
}

// The whole line, once: program, lcores in ascending order, the main one by name.
TEST(EalArgumentsTest, VirtualDeviceWithoutUserOptions) {
  EXPECT_THAT(EalArguments(ConfigOf({"net_af_packet0,iface=d0"}), 4711),
              ElementsAre("dpvrrpd", "--lcores=1,2", "--main-lcore=2", "--vdev=net_af_packet0,iface=d0", "--no-pci",
                          "--file-prefix=dpvrrp-4711", "--huge-unlink", "--log-level=*:warning"));
}

// Only configured ports are probed: an unlisted port belongs to another program.
TEST(EalArgumentsTest, PciDevicesAreTheOnlyOnesAllowed) {
  EXPECT_THAT(EalArguments(ConfigOf({"0000:3b:00.0", "3b:00.1,rx_vec=0", "net_null0"}), 1),
              ElementsAre("dpvrrpd", "--lcores=1,2", "--main-lcore=2", "-a", "0000:3b:00.0", "-a", "3b:00.1,rx_vec=0",
                          "--vdev=net_null0", "--file-prefix=dpvrrp-1", "--huge-unlink", "--log-level=*:warning"));
}

TEST(EalArgumentsTest, NoDeviceMeansNoPciEither) { EXPECT_THAT(EalArguments(ConfigOf({}), 1), Contains("--no-pci")); }

TEST(EalArgumentsTest, UserOptionsComeLastAndUnchanged) {
  const std::vector<std::string> all = EalArguments(ConfigOf({"net_null0"}, {"--no-huge", "-m", "256"}), 1);
  ASSERT_GE(all.size(), 3u);
  EXPECT_THAT(std::vector<std::string>(all.end() - 3, all.end()), ElementsAre("--no-huge", "-m", "256"));
}

// One row: the user's option, and our option that it replaces.
struct Replacement {
  std::vector<std::string> user;
  std::string ours;
};

class EalArgumentsReplacementTest : public testing::TestWithParam<Replacement> {};

TEST_P(EalArgumentsReplacementTest, UserDecides) {
  const DataplaneConfig without = ConfigOf({"0000:3b:00.0"});
  DataplaneConfig with = without;
  with.eal_arguments = GetParam().user;
  EXPECT_THAT(EalArguments(without, 1), Contains(StartsWith(GetParam().ours)));
  std::vector<std::string> left = EalArguments(with, 1);
  left.resize(left.size() - with.eal_arguments.size());
  EXPECT_THAT(left, Not(Contains(StartsWith(GetParam().ours))));
}

INSTANTIATE_TEST_SUITE_P(
    All, EalArgumentsReplacementTest,
    testing::Values(Replacement{{"-l", "1,2"}, "--lcores"}, Replacement{{"-l1,2"}, "--lcores"},
                    Replacement{{"-c6"}, "--lcores"}, Replacement{{"--lcores=1@0,2@0"}, "--lcores"},
                    Replacement{{"--lcores", "1@0,2@0"}, "--lcores"}, Replacement{{"--main-lcore=2"}, "--main-lcore"},
                    Replacement{{"-a", "0000:3b:00.0"}, "-a"}, Replacement{{"--allow=0000:3b:00.0"}, "-a"},
                    Replacement{{"-b", "0000:3b:00.1"}, "-a"}, Replacement{{"--block=0000:3b:00.1"}, "-a"},
                    Replacement{{"--no-pci"}, "-a"}, Replacement{{"--file-prefix=x"}, "--file-prefix"},
                    Replacement{{"--file-prefix", "x"}, "--file-prefix"}, Replacement{{"--no-huge"}, "--huge-unlink"},
                    Replacement{{"--in-memory"}, "--huge-unlink"},
                    Replacement{{"--huge-unlink=never"}, "--huge-unlink"},
                    Replacement{{"--single-file-segments"}, "--huge-unlink"},
                    Replacement{{"--log-level=8"}, "--log-level"}, Replacement{{"--log-level", "8"}, "--log-level"}));

// "--log-level-x" is not "--log-level", and "--legacy-mem" is not "-l".
TEST(GivesOptionTest, ComparesWholeOptions) {
  EXPECT_FALSE(GivesOption({"--log-level-x=1"}, {"--log-level"}));
  EXPECT_FALSE(GivesOption({"--legacy-mem"}, {"-l"}));
  EXPECT_FALSE(GivesOption({}, {"-l"}));
  EXPECT_TRUE(GivesOption({"-m", "64", "-l", "0"}, {"-c", "-l"}));
}

TEST(IsPciDeviceTest, TellsAddressesFromNames) {
  for (const char* pci : {"0000:3b:00.0", "3b:00.0", "0:1f.7", "0000:3b:00.0,arg=1", "10000:e1:00.0", "0000:AF:00.1"}) {
    EXPECT_TRUE(IsPciDevice(pci)) << pci;
  }
  for (const char* other : {"", "net_null0", "net_af_packet0,iface=d0", "0000:3b:00", "3b:00.8", "3b:00.00", "00.0",
                            "000:3b:00.0", "0000:3b:00.0:1", "zz:00.0", "net_memif0,mac=02:00:00:00:00:01"}) {
    EXPECT_FALSE(IsPciDevice(other)) << other;
  }
}

TEST(EalDeviceNameTest, IsWhatEalCallsIt) {
  EXPECT_EQ(EalDeviceName("net_af_packet0,iface=d0"), "net_af_packet0");
  EXPECT_EQ(EalDeviceName("net_Null0"), "net_Null0");
  EXPECT_EQ(EalDeviceName("3B:00.0,arg=X"), "0000:3b:00.0");
  EXPECT_EQ(EalDeviceName("0000:AF:00.1"), "0000:af:00.1");
}

}  // namespace
}  // namespace dpvrrp
