// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/memory_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr uint64_t kMib = 1024 * 1024;

DataplaneConfig PlannedConfig(std::vector<std::string> devices, std::vector<std::string> user = {},
                              size_t workers = 1) {
  DataplaneConfig config;
  for (std::string& device : devices) config.ports.push_back({std::move(device), {}});
  for (size_t i = 0; i < workers; ++i) config.lcores.push_back(static_cast<uint32_t>(i + 1));
  config.eal_arguments = std::move(user);
  return config;
}

std::vector<HugePages> Pages(uint64_t reserved, uint64_t free, std::string mount = "/dev/hugepages") {
  const bool mounted = !mount.empty();
  return {{2048, reserved, free, std::move(mount), mounted}};
}

const DataplaneConfig kVirtual = PlannedConfig({"net_af_packet0,iface=eth0"});
const DataplaneConfig kPci = PlannedConfig({"net_null0", "0000:3b:00.0"});

TEST(MemoryPlanTest, VirtualDevicesDoWithoutHugePages) {
  for (const std::vector<HugePages>& none : {std::vector<HugePages>{}, Pages(0, 0), Pages(0, 0, "")}) {
    const absl::StatusOr<MemoryPlan> plan = PlanMemory(kVirtual, none);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_THAT(plan->arguments, ElementsAre("--no-huge", "-m", testing::_));
    EXPECT_THAT(plan->note, HasSubstr("MB of ordinary memory"));
  }
}

TEST(MemoryPlanTest, TheNeededMemoryIsMoreThanTheBuffers) {
  for (const size_t workers : {1, 4, 16}) {
    const DataplaneConfig config = PlannedConfig({"net_null0", "net_null1", "net_null2"}, {}, workers);
    const absl::StatusOr<MemoryPlan> plan = PlanMemory(config, {});
    ASSERT_TRUE(plan.ok());
    EXPECT_GT(strtoull(plan->arguments[2].c_str(), nullptr, 10) * kMib, MemoryNeeded(config));
    EXPECT_GT(MemoryNeeded(config), workers * 3 * 1536 * 2304);
  }
}

TEST(MemoryPlanTest, EnoughHugePagesAreUsed) {
  const uint64_t pages = MemoryNeeded(kVirtual) / (2 * kMib) + 1;
  for (const DataplaneConfig& config : {kVirtual, PlannedConfig({"0000:3b:00.0"})}) {
    const absl::StatusOr<MemoryPlan> plan = PlanMemory(config, Pages(pages, pages));
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_THAT(plan->arguments, IsEmpty());
    EXPECT_EQ(plan->note, "");
  }
}

// Some, but too few; none free; none that this process may have.
TEST(MemoryPlanTest, HugePagesThatDoNotServeAreLikeNone) {
  EXPECT_THAT(PlanMemory(kVirtual, Pages(2, 2))->note, HasSubstr("only 4 MB are free in huge pages"));
  EXPECT_THAT(PlanMemory(kVirtual, Pages(512, 0))->note, HasSubstr("all huge pages are in use"));
  EXPECT_THAT(PlanMemory(kVirtual, Pages(512, 512, ""))->note, HasSubstr("no hugetlbfs is mounted"));
  std::vector<HugePages> forbidden = Pages(512, 512, "");
  forbidden[0].mounted = true;
  EXPECT_THAT(PlanMemory(kVirtual, forbidden)->note, HasSubstr("may not write to the hugetlbfs"));
  for (const auto& sizes : {Pages(2, 2), Pages(512, 0), Pages(512, 512, ""), forbidden}) {
    EXPECT_THAT(PlanMemory(kVirtual, sizes)->arguments, SizeIs(3));
  }
}

TEST(MemoryPlanTest, APciPortWithoutThemIsAnErrorThatNamesTheRemedy) {
  const absl::StatusOr<MemoryPlan> plan = PlanMemory(kPci, Pages(0, 0));
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kFailedPrecondition);
  const uint64_t pages = (MemoryNeeded(kPci) + 2 * kMib - 1) / (2 * kMib);
  EXPECT_THAT(std::string(plan.status().message()),
              HasSubstr(absl::StrCat("there are no huge pages: echo ", pages,
                                     " > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")));
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("device '0000:3b:00.0': a PCI port needs huge pages"));
}

// Huge pages of other programs stay: the missing ones are added to the existing ones.
TEST(MemoryPlanTest, TheRemedyAddsToWhatIsReserved) {
  const uint64_t pages = (MemoryNeeded(kPci) + 2 * kMib - 1) / (2 * kMib);
  EXPECT_THAT(std::string(PlanMemory(kPci, Pages(100, 3)).status().message()),
              HasSubstr(absl::StrCat("only 6 MB are free in huge pages: echo ", 100 + pages - 3, " > ")));
  const std::string unmounted(PlanMemory(kPci, Pages(900, 900, "")).status().message());
  EXPECT_THAT(unmounted, HasSubstr("no hugetlbfs is mounted: mkdir -p /dev/hugepages; mount -t hugetlbfs"));
  EXPECT_THAT(unmounted, Not(HasSubstr("echo")));
}

TEST(MemoryPlanTest, TheUsersOptionsWin) {
  const std::vector<std::vector<std::string>> options = {
      {"--no-huge"}, {"-m", "64"}, {"-m64"}, {"--in-memory"}, {"--socket-mem=64"}, {"--huge-dir", "/mnt/huge"}};
  for (const std::vector<std::string>& user : options) {
    for (const char* device : {"net_null0", "0000:3b:00.0"}) {
      const absl::StatusOr<MemoryPlan> plan = PlanMemory(PlannedConfig({device}, user), {});
      ASSERT_TRUE(plan.ok()) << user[0];
      EXPECT_THAT(plan->arguments, IsEmpty()) << user[0];
    }
  }
  EXPECT_THAT(PlanMemory(PlannedConfig({"net_null0"}, {"--no-telemetry"}), {})->arguments, SizeIs(3));
}

// A machine's files, in a folder.
class ReadHugePagesTest : public ::testing::Test {
 protected:
  ReadHugePagesTest() : root_(std::filesystem::temp_directory_path() / absl::StrCat("hugepages-", getpid())) {
    Write("proc/meminfo", "MemTotal: 16 kB\nHugepagesize:       2048 kB\n");
  }
  ~ReadHugePagesTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  void WriteSize(int kib, int reserved, int free, int promised = 0, int on_demand = 0) {
    const std::string folder = absl::StrCat("sys/kernel/mm/hugepages/hugepages-", kib, "kB/");
    Write(folder + "nr_hugepages", absl::StrCat(reserved, "\n"));
    Write(folder + "free_hugepages", absl::StrCat(free, "\n"));
    Write(folder + "resv_hugepages", absl::StrCat(promised, "\n"));
    Write(folder + "nr_overcommit_hugepages", absl::StrCat(on_demand, "\n"));
    Write(folder + "surplus_hugepages", "0\n");
  }

  std::filesystem::path root_;
};

TEST_F(ReadHugePagesTest, EverySizeWithWhatIsFreeAndItsMount) {
  WriteSize(1048576, 2, 1);
  WriteSize(2048, 512, 500, 20, 4);
  std::filesystem::create_directories(root_ / "dev/hugepages");
  std::filesystem::create_directories(root_ / "mnt/1g");
  Write("proc/self/mounts",
        "proc /proc proc rw 0 0\nhugetlbfs /dev/hugepages hugetlbfs rw,relatime 0 0\n"
        "nodev /mnt/1g hugetlbfs rw,pagesize=1024M 0 0\n");
  const std::vector<HugePages> sizes = ReadHugePages(root_);
  ASSERT_THAT(sizes, SizeIs(2));
  EXPECT_EQ(sizes[0].page_kib, 2048u);
  EXPECT_EQ(sizes[0].reserved, 512u);
  EXPECT_EQ(sizes[0].free, 484u);
  EXPECT_EQ(sizes[0].mount, "/dev/hugepages");
  EXPECT_EQ(sizes[1].page_kib, 1048576u);
  EXPECT_EQ(sizes[1].mount, "/mnt/1g");
  EXPECT_EQ(sizes[1].usable_bytes(), 1024 * kMib);
}

TEST_F(ReadHugePagesTest, WithoutAMountNothingIsUsable) {
  WriteSize(2048, 512, 512);
  Write("proc/self/mounts", "nodev /mnt/1g hugetlbfs rw,pagesize=1G 0 0\n");
  const std::vector<HugePages> sizes = ReadHugePages(root_);
  ASSERT_THAT(sizes, SizeIs(1));
  EXPECT_FALSE(sizes[0].mounted);
  EXPECT_EQ(sizes[0].usable_bytes(), 0u);
}

TEST_F(ReadHugePagesTest, AMountThatIsNotToBeEnteredDoesNotCount) {
  WriteSize(2048, 512, 512);
  Write("proc/self/mounts", "nodev /no/such/folder hugetlbfs rw,pagesize=2M 0 0\n");
  const std::vector<HugePages> sizes = ReadHugePages(root_);
  ASSERT_THAT(sizes, SizeIs(1));
  EXPECT_TRUE(sizes[0].mounted);
  EXPECT_EQ(sizes[0].usable_bytes(), 0u);
}

TEST_F(ReadHugePagesTest, AKernelWithoutThemHasNone) { EXPECT_THAT(ReadHugePages(root_), IsEmpty()); }

}  // namespace
}  // namespace dpvrrp
