// SPDX-License-Identifier: BSD-3-Clause
//
// On packet sockets of the loopback interface, in the place of a driver's.
#include "dataplane/port_sockets.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "dataplane/fanout.h"
#include "dataplane/packet_socket.h"
#include "io/unique_fd.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PortSocketsTest : public testing::Test {
 protected:
  void SetUp() override {
    for (UniqueFd* fd : {&first_, &second_}) {
      *fd = UniqueFd(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0));
      sockaddr_ll address{};
      address.sll_family = AF_PACKET;
      address.sll_protocol = htons(ETH_P_ALL);
      address.sll_ifindex = static_cast<int>(lo_);
      if (fd->get() < 0 || bind(fd->get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        GTEST_SKIP() << "packet sockets need CAP_NET_RAW";
      }
    }
  }

  // The length of the program that the kernel runs for a socket.
  static size_t ProgramOf(const UniqueFd& fd) {
    socklen_t instructions = 0;
    EXPECT_EQ(getsockopt(fd.get(), SOL_SOCKET, SO_GET_FILTER, nullptr, &instructions), 0);
    return instructions;
  }
  // UDP packets to a port where nothing listens. The loopback delivers them at once.
  static void SendUdp(size_t count) {
    const UniqueFd udp(socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (size_t i = 0; i < count; ++i) {  // every second one reports the ICMP error of the one before
      [[maybe_unused]] const ssize_t sent =
          sendto(udp.get(), "0123456789", 10, 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
    }
  }
  static size_t Received(const UniqueFd& fd) {
    size_t count = 0;
    for (uint8_t buffer[256]; recv(fd.get(), buffer, sizeof buffer, 0) > 0;) ++count;
    return count;
  }

  const uint32_t lo_ = if_nametoindex("lo");
  UniqueFd first_, second_;
  PortSockets sockets_;
};

TEST_F(PortSocketsTest, AllSocketsGetTheProgram) {
  ASSERT_TRUE(sockets_.Find(lo_, 2).ok());
  EXPECT_EQ(sockets_.instructions(), 0u);
  ASSERT_TRUE(sockets_.Select({}).ok());
  const size_t narrow = sockets_.instructions();
  EXPECT_GT(narrow, 0u);
  EXPECT_THAT((std::vector<size_t>{ProgramOf(first_), ProgramOf(second_)}), ElementsAre(narrow, narrow));
  Received(first_);  // frames from before
  SendUdp(10);
  EXPECT_EQ(Received(first_), 0u);

  TrafficSelection more;
  more.v4.hosts.assign(kMaxListed + 1, 7);
  more.v4.ah = {0xe0000012};
  ASSERT_TRUE(sockets_.Select(more).ok());
  EXPECT_GT(sockets_.instructions(), narrow);
  EXPECT_EQ(ProgramOf(second_), sockets_.instructions());
  EXPECT_THAT(sockets_.widened(), ElementsAre("ARP"));
  ASSERT_TRUE(sockets_.Select({}).ok());
  EXPECT_EQ(ProgramOf(first_), narrow);
  EXPECT_THAT(sockets_.widened(), IsEmpty());
}

// The kernel needs room for the old program and the new one (net.core.optmem_max).
TEST_F(PortSocketsTest, TheLongestProgramsReplaceEachOther) {
  ASSERT_TRUE(sockets_.Find(lo_, 2).ok());
  TrafficSelection selection;
  for (uint32_t n = 0; n < 200; ++n) {
    for (auto* list : {&selection.v4.hosts, &selection.v4.echo, &selection.v6.echo}) list->push_back(n);
  }
  for (uint32_t n = 0; n < 50; ++n) {
    selection.v4.ah.push_back(n);
    ASSERT_TRUE(sockets_.Select(selection).ok());
    ASSERT_EQ(ProgramOf(first_), sockets_.instructions());
  }
  EXPECT_GT(sockets_.instructions(), 850u);
}

TEST_F(PortSocketsTest, WithAnotherNumberOfSocketsNoneGetsAProgram) {
  const absl::Status status = sockets_.Find(lo_, 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("has 1 packet sockets, and 2 on its interface were found"));
  EXPECT_FALSE(sockets_.Select({}).ok()) << "it says so again";
  EXPECT_EQ(sockets_.instructions(), 0u);
  SendUdp(10);
  EXPECT_GT(Received(first_), 0u);
}

// packet(7): reading the statistics resets them.
TEST_F(PortSocketsTest, DropsAddUp) {
  const int small = 4096;
  ASSERT_EQ(setsockopt(first_.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
  ASSERT_TRUE(sockets_.Find(lo_, 2).ok());
  SendUdp(200);
  const uint64_t drops = sockets_.ReadDrops();
  EXPECT_GT(drops, 50u);
  EXPECT_EQ(sockets_.ReadDrops(), drops);
  SendUdp(200);
  sockets_.Forget();  // reads them before the driver closes the sockets
  EXPECT_GT(sockets_.ReadDrops(), drops + 50);
}

TEST_F(PortSocketsTest, AFanoutGroupIsJoinedUnlessItIsSkipped) {
  const auto join = [](const UniqueFd& fd) {
    const int group = 4711;
    EXPECT_EQ(setsockopt(fd.get(), SOL_PACKET, PACKET_FANOUT, &group, sizeof group), 0);
    int joined = 0;
    socklen_t bytes = sizeof joined;
    EXPECT_EQ(getsockopt(fd.get(), SOL_PACKET, PACKET_FANOUT, &joined, &bytes), 0);
    return joined;
  };
  SkipFanout(true);
  EXPECT_EQ(join(first_), 0);
  SkipFanout(false);
  EXPECT_EQ(join(second_), 4711);
}

// Otherwise the driver, a shared object, would call the one of libc.
TEST(FanoutTest, TheDynamicLinkerPrefersOurSetsockopt) {
  EXPECT_NE(dlsym(RTLD_DEFAULT, "setsockopt"), dlsym(RTLD_NEXT, "setsockopt"));
}

TEST(FanoutTest, IsNeededForQueuePairsAndWithoutAFilter) {
  const auto needs_none = [](std::vector<DataplanePort> ports) {
    DataplaneConfig config;
    config.ports = std::move(ports);
    return NeedsNoFanout(config);
  };
  const auto port = [](const char* device, KernelShare kernel) {
    DataplanePort out;
    out.device = device;
    out.kernel = kernel;
    return out;
  };
  const DataplanePort shared = port("net_af_packet0,iface=eth0", KernelShare::kShared);
  EXPECT_TRUE(needs_none({shared}));
  EXPECT_TRUE(needs_none({shared, port("net_ring0", KernelShare::kNone)}));
  EXPECT_FALSE(needs_none({shared, port("net_af_packet1,iface=eth1", KernelShare::kNone)}));
  EXPECT_FALSE(needs_none({shared, port("net_af_packet1,iface=eth1,qpairs=2", KernelShare::kShared)}));
}

}  // namespace
}  // namespace dpvrrp
