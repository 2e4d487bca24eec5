// SPDX-License-Identifier: BSD-3-Clause
//
// Real DPDK on virtual devices, without root or huge pages. EAL can start only once in a process, so all tests share
// one Dataplane:
//
//   net_pcap0   sends into a file; receives kTagged from another file, with its only queue
//   net_ring0   receives what it sends, on the worker that sent it
//   net_null0   accepts every frame; one worker serves it
//   net_ring1   is configured as missing at the start
//
// Two workers: segments with an even sum of VIDs belong to the first. A worker is another thread. So a test waits for
// its events with a deadline, and never for a fixed time.
#include "dataplane/dataplane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <rte_ethdev.h>
#include <rte_ring.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "dataplane/element_ring.h"
#include "dataplane/frame_copier.h"
#include "dataplane/virtual_macs.h"
#include "testing_frames.h"
#include "unit/io/temp_folder.h"

namespace dpvrrp {
namespace {

using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr auto kPatience = std::chrono::seconds(20);   // for what takes microseconds, under any sanitizer and any load
constexpr IpAddress kOwn = IpAddress::V4(0x0a630001);  // 10.99.0.1
const MacAddress kOwnMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x01}};

// Three lcores on CPUs that we may use; on one and the same if there is only one.
std::string Lcores() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  sched_getaffinity(0, sizeof(cpus), &cpus);
  std::vector<int> usable;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &cpus)) usable.push_back(cpu);
  }
  return absl::StrCat("--lcores=0@", usable.front(), ",1@", usable.front(), ",2@", usable.back());
}

// An IPv4 packet too short for its header, which no host sends.
std::vector<uint8_t> ShortFrame(std::vector<uint16_t> vids) {
  std::vector<uint8_t> frame(12, 0x02);
  for (const uint16_t vid : vids) {
    const uint8_t tag[4] = {0x81, 0x00, static_cast<uint8_t>(vid >> 8), static_cast<uint8_t>(vid)};
    frame.insert(frame.end(), std::begin(tag), std::end(tag));
  }
  frame.insert(frame.end(), {0x08, 0x00, 0x45});
  return frame;
}

// More than a burst, and than the rings between workers hold: untagged, tagged, priority-tagged (VID 0), and twice
// tagged.
struct Tagged {
  std::vector<std::vector<uint8_t>> frames{ShortFrame({})};
  size_t owned[2] = {1, 0};

  Tagged() {
    const auto add = [this](std::vector<uint16_t> vids) {
      frames.push_back(ShortFrame(vids));
      uint32_t sum = 0;
      for (const uint16_t vid : vids) sum += vid;
      ++owned[sum % 2];
    };
    for (uint16_t vid = 0; vid < 4095; ++vid) add({vid});
    for (uint16_t vid = 0; vid < 100; ++vid) add({4094, vid});
    for (uint16_t vid = 0; vid < 100; ++vid) add({0, vid});
  }
};

class DataplaneTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::filesystem::temp_directory_path() / absl::StrCat("dpvrrp-dataplane-", getpid());
    std::filesystem::create_directory(directory_);
    WriteCapture(directory_ / "in.pcap", Tagged().frames);
    config_.ports = {{absl::StrCat("net_pcap0,rx_pcap=", (directory_ / "in.pcap").string(),
                                   ",tx_pcap=", (directory_ / "out.pcap").string()),
                      {}},
                     {"net_ring0", {1, 2}},
                     {"net_null0,no-rx=1", {2}},
                     {"net_ring1", {1, 2}, true}};
    config_.lcores = {1, 2};
    config_.idle = IdleMode::kSleep;
    config_.longest_sleep = std::chrono::milliseconds(1);  // the tests may have one CPU
    config_.eal_arguments = {"--no-huge", "-m", "64", "--no-telemetry", Lcores()};
    event_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    absl::StatusOr<std::unique_ptr<Dataplane>> started = Dataplane::Start(config_, event_fd_);
    start_status_ = started.status();
    if (!started.ok()) return;
    dataplane_ = *std::move(started);
    const auto turns = [](size_t worker) { return dataplane_->worker_counters(worker).turns.value(); };
    EXPECT_TRUE(Eventually([&] { return turns(0) > 10 && turns(1) > 10; }));
    received_too_early_ =
        dataplane_->worker_counters(0).rx_frames.value() + dataplane_->worker_counters(1).rx_frames.value();
    dataplane_->BeginReceiving();
  }

  static void TearDownTestSuite() {
    if (dataplane_ != nullptr) {
      dataplane_->Stop();
      EXPECT_FALSE(dataplane_->Send(command::PortDown{pcap()}));
      EXPECT_FALSE(dataplane_->HasLink(pcap()));
      for (size_t worker = 0; worker < dataplane_->workers(); ++worker) {
        ShardEvent event;
        EXPECT_EQ(dataplane_->Receive(worker, {&event, 1}), 0u);
        EXPECT_GT(dataplane_->worker_counters(worker).turns.value(), 0u);
        EXPECT_EQ(dataplane_->worker_counters(worker).tx_dropped.value(), 0u);
        EXPECT_EQ(dataplane_->worker_counters(worker).no_mbuf.value(), 0u);
      }
      dataplane_->Stop();  // a second time: nothing
    }
    dataplane_.reset();
    close(event_fd_);
    std::filesystem::remove_all(directory_);
  }

  void SetUp() override {
    if (absl::IsUnavailable(start_status_)) GTEST_SKIP() << start_status_.message();
    ASSERT_TRUE(start_status_.ok()) << start_status_.message();
  }

  static PortId pcap() { return dataplane_->ports()[0].id; }
  static PortId ring() { return dataplane_->ports()[1].id; }
  static PortId null() { return dataplane_->ports()[2].id; }

  static std::unique_ptr<VirtualRouter> MakeRouter(PortId port, uint8_t vrid, SequenceRecord* record = nullptr,
                                                   VlanStack vlan = {}) {
    VirtualRouterConfig config;
    config.vlan = vlan;
    config.id = InstanceId(next_id_++);
    config.port = port;
    config.vrid = Vrid(vrid);
    config.machine.priority = kPriorityOwner;  // Master at once
    config.machine.source = kOwn;
    config.source_mac = kOwnMac;
    config.addresses = {IpAddress::V4(0x0a630064)};  // 10.99.0.100
    if (record != nullptr) {
      constexpr uint8_t kKey[16] = {'k', 'e', 'y'};
      config.auth = AuthKind::kAh;
      config.keys = OneKey(*MacKey::Create(MacAlgorithm::kHmacMd5_96, kKey));
      config.record = record;
    }
    return std::make_unique<VirtualRouter>(std::move(config));
  }

  // Sends until there is room: the lcore is as fast as it is.
  static void Send(const ShardCommand& command) {
    for (const auto give_up = steady_clock::now() + kPatience; !dataplane_->Send(command); sched_yield()) {
      ASSERT_LT(steady_clock::now(), give_up);
    }
  }

  // The next `count` events, or as many as arrive in time. Woken only by the eventfd, like the daemon.
  static std::vector<ShardEvent> Events(size_t count) {
    std::vector<ShardEvent> events;
    const auto give_up = steady_clock::now() + kPatience;
    while (events.size() < count && steady_clock::now() < give_up) {
      dataplane_->Flush();
      std::vector<ShardEvent> batch(std::min<size_t>(count - events.size(), 32));
      size_t got_from_all = 0;
      for (size_t worker = 0; worker < dataplane_->workers() && got_from_all < batch.size(); ++worker) {
        got_from_all += dataplane_->Receive(worker, std::span(batch).subspan(got_from_all));
      }
      batch.resize(got_from_all);
      events.insert(events.end(), batch.begin(), batch.end());
      if (!batch.empty()) continue;
      pollfd kick{event_fd_, POLLIN, 0};
      poll(&kick, 1, 1000);
      uint64_t kicks = 0;
      [[maybe_unused]] const ssize_t got = read(event_fd_, &kicks, sizeof(kicks));
    }
    return events;
  }

  // The events up to this router's event::Retired, included.
  static std::vector<ShardEvent> EventsUntilRetired(const VirtualRouter& router) {
    std::vector<ShardEvent> events;
    for (;;) {
      const std::vector<ShardEvent> next = Events(1);
      if (next.empty()) {
        ADD_FAILURE() << "instance " << router.config.id.value() << " did not retire";
        return events;
      }
      events.push_back(next[0]);
      const auto* retired = std::get_if<event::Retired>(&next[0]);
      if (retired != nullptr && retired->router == &router) return events;
    }
  }

  template <typename Holds>
  static bool Eventually(Holds holds) {
    const auto give_up = steady_clock::now() + kPatience;
    while (!holds()) {
      if (steady_clock::now() > give_up) return false;
      sched_yield();
    }
    return true;
  }

  static std::vector<std::vector<uint8_t>> SentByPcap() { return ReadCapture(directory_ / "out.pcap"); }

  static inline std::filesystem::path directory_;
  static inline DataplaneConfig config_;
  static inline int event_fd_ = -1;
  static inline absl::Status start_status_;
  static inline uint64_t received_too_early_ = 0;
  static inline std::unique_ptr<Dataplane> dataplane_;
  static inline uint32_t next_id_ = 1;
};

template <typename Kind>
auto IsEvent() {
  return testing::VariantWith<Kind>(testing::_);
}
MATCHER_P2(IsTransition, from, to, "") {
  const auto* transition = std::get_if<event::Transition>(&arg);
  return transition != nullptr && transition->from == from && transition->to == to;
}

TEST_F(DataplaneTest, PortsAreInTheOrderOfTheConfiguration) {
  ASSERT_EQ(dataplane_->ports().size(), 4u);
  const char* drivers[] = {"net_pcap", "net_ring", "net_null"};
  for (size_t i = 0; i < 3; ++i) {
    const PortInfo& port = dataplane_->ports()[i];
    EXPECT_EQ(port.device, config_.ports[i].device);
    EXPECT_EQ(port.driver, drivers[i]);
    EXPECT_LT(port.id.value(), kMaxPorts);
  }
  EXPECT_EQ(ToString(dataplane_->ports()[0].mac), "02:70:63:61:70:00");  // net_pcap's own: "pcap"
}

// None of these has a multicast list to set; "all multicast" they accept.
TEST_F(DataplaneTest, NextWiderFilterIsTakenWhereThereIsNoneNarrower) {
  for (const PortInfo& port : dataplane_->ports().first(3)) {
    EXPECT_EQ(ToString(port.filter), "all-multicast") << port.device;
  }
}

// net_ring has a table of one address, its own; net_pcap none at all.
TEST_F(DataplaneTest, VirtualMacsThatDoNotFitMakeThePortPromiscuous) {
  const MacAddress macs[] = {VirtualMac(Family::kIpv4, Vrid(1)), VirtualMac(Family::kIpv4, Vrid(2))};
  for (const PortId port : {ring(), pcap()}) {
    const absl::StatusOr<UnicastFilter> many = dataplane_->SetVirtualMacs(port, macs);
    ASSERT_TRUE(many.ok()) << many.status().message();
    EXPECT_EQ(rte_eth_promiscuous_get(port.value()), 1);
    EXPECT_EQ(*many, UnicastFilter::kPromiscuous);
    const absl::StatusOr<UnicastFilter> none = dataplane_->SetVirtualMacs(port, {});
    ASSERT_TRUE(none.ok()) << none.status().message();
    EXPECT_EQ(*none, UnicastFilter::kExact);
  }
}

// Does what control does with commands before they are sent, and with those that return.
TEST_F(DataplaneTest, FiltersFollowTheRoutersOfAPort) {
  VirtualRouterConfig config;
  config.id = InstanceId(next_id_++);
  config.vrid = Vrid(200);
  config.port = ring();
  config.machine.source = kOwn;
  config.addresses = {IpAddress::V4(0x0a6300c8)};
  config.source_mac = VirtualMac(Family::kIpv4, Vrid(200));
  auto router = std::make_unique<VirtualRouter>(std::move(config));
  const command::Add command{router.get()};
  EXPECT_EQ(rte_eth_promiscuous_get(ring().value()), 0);
  dataplane_->Prepare(command);
  const std::vector<std::string> notes = dataplane_->ProgramFilters();
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_THAT(notes[0], testing::HasSubstr("promiscuous")) << "net_ring has no room for it";
  EXPECT_EQ(rte_eth_promiscuous_get(ring().value()), 1);
  EXPECT_THAT(dataplane_->ProgramFilters(), IsEmpty()) << "nothing has changed";

  Send(command);
  Send(command::Remove{router.get()});
  EventsUntilRetired(*router);
  EXPECT_THAT(dataplane_->ProgramFilters(), IsEmpty());
  EXPECT_EQ(rte_eth_promiscuous_get(ring().value()), 0);
}

TEST(PrunesSourceTest, IntelsUnlessToldOtherwise) {
  EXPECT_TRUE(PrunesSource("net_ice", "0000:3b:00.0"));
  EXPECT_TRUE(PrunesSource("net_i40e", "0000:3b:00.0,support-multi-driver=1"));
  EXPECT_FALSE(PrunesSource("net_i40e", "0000:3b:00.0,disable_source_pruning=1"));
  EXPECT_FALSE(PrunesSource("net_mlx5", "0000:3b:00.0"));
}

TEST_F(DataplaneTest, LinksAreUp) {
  EXPECT_FALSE(dataplane_->TakeLinkChange());
  for (const PortInfo& port : dataplane_->ports().first(3)) EXPECT_TRUE(dataplane_->HasLink(port.id)) << port.device;
}

TEST_F(DataplaneTest, EveryWorkerHasAnIcvEngine) {
  ASSERT_EQ(dataplane_->workers(), 2u);
  for (size_t worker = 0; worker < 2; ++worker) {
    EXPECT_FALSE(dataplane_->icv_engine(worker).empty());
    EXPECT_EQ(dataplane_->lcore(worker), worker + 1);
  }
}

// ---- Several workers ----

TEST_F(DataplaneTest, EveryWorkerHasAQueueOfAPortThatHasSoMany) {
  const std::span<const PortInfo> ports = dataplane_->ports();
  EXPECT_THAT(ports[0].workers, ElementsAre(0, 1));
  EXPECT_EQ(ports[0].rx_queues, 1);
  EXPECT_EQ(ports[0].tx_queues, 1);
  EXPECT_EQ(ToString(ports[0].steering), "hand-off");
  EXPECT_THAT(ports[1].workers, ElementsAre(0, 1));
  EXPECT_EQ(ports[1].rx_queues, 2);
  EXPECT_EQ(ports[1].tx_queues, 2);
  EXPECT_EQ(ToString(ports[1].steering), "hand-off");  // no filters
  EXPECT_THAT(ports[2].workers, ElementsAre(1));
  EXPECT_EQ(ToString(ports[2].steering), "none");
}

TEST_F(DataplaneTest, FramesWaitUntilTheInstancesAreThere) { EXPECT_EQ(received_too_early_, 0u); }

// All frames are received by the only queue of net_pcap0. None is lost (unless counted), none is received twice.
TEST_F(DataplaneTest, EveryFrameReachesTheOwnerOfItsSegmentOnce) {
  const Tagged tagged;
  const auto short_frames = [](size_t worker) {
    return dataplane_->shard_counters(worker).drops[static_cast<size_t>(DropReason::kTruncated)].value();
  };
  const auto dropped = [] { return dataplane_->worker_counters(0).handoff_dropped.value(); };
  EXPECT_TRUE(Eventually([&] { return short_frames(0) + short_frames(1) + dropped() >= tagged.frames.size(); }));
  EXPECT_EQ(short_frames(0), tagged.owned[0]);
  EXPECT_EQ(short_frames(1) + dropped(), tagged.owned[1]);
  EXPECT_GT(short_frames(1), 0u);
}

// The second worker owns the segment, but only the first has a transmit queue.
TEST_F(DataplaneTest, AWorkerWithoutATransmitQueueSendsThroughAnother) {
  const uint64_t before = dataplane_->worker_counters(1).handed_over.value();
  SequenceRecord record;
  auto router = MakeRouter(pcap(), 16, &record, VlanStack{7, 0});
  Send(command::Add{router.get()});
  ASSERT_THAT(Events(1), ElementsAre(IsTransition(State::kInitialize, State::kMaster)));
  Send(command::Remove{router.get()});
  EventsUntilRetired(*router);
  std::vector<SentAdvert> adverts;
  EXPECT_TRUE(Eventually([&] { return (adverts = AdvertsOf(SentByPcap(), Vrid(16))).size() >= 2; }));
  for (const SentAdvert& advert : adverts) EXPECT_EQ(advert.vlan, (VlanStack{7, 0}));
  EXPECT_EQ(adverts.back().priority, kPriorityRelease);
  EXPECT_GE(dataplane_->worker_counters(1).handed_over.value() - before, adverts.size());
}

TEST_F(DataplaneTest, APortsLinkIsToldToAllItsWorkers) {
  auto even = MakeRouter(pcap(), 17, nullptr, VlanStack{20, 2});
  auto odd = MakeRouter(pcap(), 18, nullptr, VlanStack{20, 3});
  Send(command::Add{even.get()});
  Send(command::Add{odd.get()});
  ASSERT_THAT(Events(2), SizeIs(2));
  for (const ShardCommand& port : {ShardCommand(command::PortDown{pcap()}), ShardCommand(command::PortUp{pcap()})}) {
    Send(port);
    const State to = Is<command::PortDown>(port) ? State::kInitialize : State::kMaster;
    const std::vector<ShardEvent> moved = Events(2);
    ASSERT_THAT(moved, SizeIs(2));
    for (const ShardEvent& event : moved) EXPECT_EQ(std::get<event::Transition>(event).to, to);
    EXPECT_NE(std::get<event::Transition>(moved[0]).instance, std::get<event::Transition>(moved[1]).instance);
  }
  for (const auto& router : {even.get(), odd.get()}) {
    Send(command::Remove{router});
    EventsUntilRetired(*router);
  }
}

// ---- One worker's life ----

TEST_F(DataplaneTest, DriversOfOtherDevicesAreNotLoaded) {
  const std::string mapped = ReadBytes("/proc/self/maps");
  EXPECT_THAT(mapped, HasSubstr("librte_mempool_ring"));
  EXPECT_THAT(mapped, Not(HasSubstr("librte_net_ixgbe")));
}

TEST_F(DataplaneTest, SelectedFramesAreCopiedAsFarAsThereIsRoom) {
  rte_ring* ring = CreateElementRing("test_copies", sizeof(FrameCopy), 4, SOCKET_ID_ANY,
                                     RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
  ASSERT_NE(ring, nullptr);
  FrameCopier copier(*ring);
  copier.Select({.only_refused = true});
  std::vector<uint8_t> bytes(60, 0x5a);
  const Frame frame{bytes.data(), 60, PortId(1), {}};
  copier.Saw(frame, {}, Instant{});
  for (int i = 0; i < 6; ++i) copier.Saw(frame, {.end = DropReason::kReplayed}, Instant{} + Nanoseconds(i));
  std::vector<FrameCopy> taken(8);
  EXPECT_EQ(copier.Take(taken), 4u);
  EXPECT_EQ(copier.lost(), 2u);
  EXPECT_EQ(taken[3].at, Instant{} + Nanoseconds(3));
  EXPECT_EQ(taken[3].end, DropReason::kReplayed);
  EXPECT_EQ(copier.Take(taken), 0u);
  rte_ring_free(ring);
}

TEST_F(DataplaneTest, EalStartsOnlyOnce) {
  const absl::Status second = Dataplane::Start(config_, event_fd_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition) << second.message();
}

// More commands than a ring holds, and none is refused: commands for another worker must not wait for this one.
TEST_F(DataplaneTest, CommandsBeyondTheRingWaitInTheirOrder) {
  auto router = MakeRouter(null(), 17);
  Send(command::Add{router.get()});
  const command::Announce announce{.router = router.get(), .first = 0, .count = 0};
  for (size_t i = 0; i < 4 * kCommandRingDepth; ++i) ASSERT_TRUE(dataplane_->Send(announce));
  Send(command::Remove{router.get()});  // the last command that may name it
  EXPECT_TRUE(Eventually([&] { return dataplane_->Flush(); }));
  EXPECT_THAT(EventsUntilRetired(*router), ::testing::Contains(IsEvent<event::Retired>()));
}

// The life of an instance: Add, transition, advert on the wire, Query, Remove, goodbye on the wire, Retired.
TEST_F(DataplaneTest, OwnerAdvertisesAnswersAndSaysGoodbye) {
  auto router = MakeRouter(pcap(), 11);
  Send(command::Add{router.get()});
  const std::vector<ShardEvent> up = Events(1);
  ASSERT_THAT(up, ElementsAre(IsTransition(State::kInitialize, State::kMaster)));
  const auto& started = std::get<event::Transition>(up[0]);
  EXPECT_EQ(started.reason, Reason::kOwnerStartup);
  EXPECT_EQ(started.instance, router->config.id);

  InstanceQuery query({router.get()});
  Send(command::Query{&query});
  ASSERT_THAT(Events(1), ElementsAre(IsEvent<event::Answered>()));
  EXPECT_EQ(query.found[0].machine.state, State::kMaster);
  EXPECT_GE(query.at, started.at);

  Send(command::Remove{router.get()});
  EXPECT_THAT(EventsUntilRetired(*router),
              ElementsAre(IsTransition(State::kMaster, State::kInitialize), IsEvent<event::Retired>()));

  // Everything is in the file by now, because the event is put in the ring after the frames have left.
  const std::vector<SentAdvert> adverts = AdvertsOf(SentByPcap(), Vrid(11));
  ASSERT_GE(adverts.size(), 2u);
  EXPECT_EQ(adverts.front().priority, kPriorityOwner);
  EXPECT_EQ(adverts.back().priority, kPriorityRelease);
}

// IEEE 802.3's shortest frame. An advert of one address has 54 bytes.
TEST_F(DataplaneTest, ShortFramesArePaddedWithZeros) {
  auto router = MakeRouter(pcap(), 12);
  Send(command::Add{router.get()});
  Send(command::Remove{router.get()});
  EventsUntilRetired(*router);
  const std::vector<SentAdvert> adverts = AdvertsOf(SentByPcap(), Vrid(12));
  ASSERT_FALSE(adverts.empty());
  for (const SentAdvert& advert : adverts) {
    ASSERT_EQ(advert.frame.size(), 60u);
    EXPECT_THAT(std::vector<uint8_t>(advert.frame.begin() + 54, advert.frame.end()), ElementsAre(0, 0, 0, 0, 0, 0));
  }
}

TEST_F(DataplaneTest, AhAdvertsAreNumberedAndWhole) {
  SequenceRecord record;
  auto router = MakeRouter(pcap(), 13, &record);
  Send(command::Add{router.get()});
  ASSERT_THAT(Events(1), ElementsAre(IsTransition(State::kInitialize, State::kMaster)));
  Send(command::Remove{router.get()});
  EventsUntilRetired(*router);

  const std::vector<SentAdvert> adverts = AdvertsOf(SentByPcap(), Vrid(13));
  ASSERT_GE(adverts.size(), 2u);
  for (size_t i = 0; i < adverts.size(); ++i) {
    EXPECT_EQ(adverts[i].frame.size(), 78u);  // design: Ethernet 14, IPv4 20, AH 24, VRRP 20
    EXPECT_EQ(adverts[i].sequence, i + 1);
  }
  EXPECT_EQ(record.sent, adverts.size());
  EXPECT_EQ(adverts.back().priority, kPriorityRelease);
}

// What net_ring0 sends it receives: through rx burst, frame, classify.
TEST_F(DataplaneTest, ReceivedFramesReachTheShard) {
  const auto own_echo = static_cast<size_t>(DropReason::kOwnEcho);
  const uint64_t before = dataplane_->shard_counters(0).drops[own_echo].value();
  auto router = MakeRouter(ring(), 14);
  Send(command::Add{router.get()});
  EXPECT_TRUE(Eventually([&] { return dataplane_->shard_counters(0).drops[own_echo].value() > before; }));
  EXPECT_GT(dataplane_->worker_counters(0).rx_frames.value(), 0u);
  EXPECT_GT(dataplane_->statistics(ring()).rx_packets, 0u);
  EXPECT_GT(dataplane_->statistics(ring()).tx_packets, 0u);
  Send(command::Remove{router.get()});
  EventsUntilRetired(*router);
  EXPECT_GT(router->counters.drops[own_echo].value(), 0u);
}

TEST_F(DataplaneTest, PortDownAndUpMovesItsInstances) {
  auto router = MakeRouter(null(), 15);
  Send(command::Add{router.get()});
  ASSERT_THAT(Events(1), SizeIs(1));
  Send(command::PortDown{null()});
  EXPECT_THAT(Events(1), ElementsAre(IsTransition(State::kMaster, State::kInitialize)));
  Send(command::PortUp{null()});
  EXPECT_THAT(Events(1), ElementsAre(IsTransition(State::kInitialize, State::kMaster)));
  Send(command::Remove{router.get()});
  EventsUntilRetired(*router);
}

// Its router is there before it is; a second run of the test finds it open.
TEST_F(DataplaneTest, APortThatWasMissingAtTheStartIsOpenedLater) {
  const PortInfo& port = dataplane_->ports()[3];
  auto router = MakeRouter(port.id, 18);
  if (!port.open) {
    EXPECT_FALSE(dataplane_->HasLink(port.id));
    Send(command::PortDown{port.id});
    Send(command::Add{router.get()});
    const absl::Status opened = dataplane_->OpenPort(port.id);
    ASSERT_TRUE(opened.ok()) << opened.message();
    Send(command::PortUp{port.id});
  } else {
    Send(command::Add{router.get()});
  }
  EXPECT_EQ(port.driver, "net_ring");
  ASSERT_THAT(Events(1), ElementsAre(IsTransition(State::kInitialize, State::kMaster)));
  EXPECT_TRUE(Eventually([&] { return dataplane_->statistics(port.id).rx_packets > 0; }));
  Send(command::Remove{router.get()});
  EventsUntilRetired(*router);
}

// A virtual device is closed under its workers and opened again; net_ring0 has two, and one sends for the other.
TEST_F(DataplaneTest, APortIsClosedAndOpenedAgainWhileWorkersRun) {
  for (const PortId port : {null(), ring()}) {
    auto router = MakeRouter(port, 16);
    auto other = MakeRouter(port, 17, nullptr, VlanStack{1, 0});  // net_ring0: the other worker's
    for (VirtualRouter* r : {router.get(), other.get()}) Send(command::Add{r});
    ASSERT_THAT(Events(2), SizeIs(2));
    const uint64_t sent = dataplane_->statistics(port).tx_packets;
    EXPECT_GE(sent, 1u);
    Send(command::PortDown{port});
    ASSERT_THAT(Events(2), SizeIs(2));

    EXPECT_FALSE(dataplane_->IsQuiet(port));
    for (int round = 0; round < 3; ++round) {
      dataplane_->QuiescePort(port);
      ASSERT_TRUE(Eventually([&] { return dataplane_->IsQuiet(port); }));
      dataplane_->ClosePort(port);
      EXPECT_FALSE(dataplane_->HasLink(port));
      EXPECT_FALSE(dataplane_->ports()[port.value()].open);
      EXPECT_GE(dataplane_->statistics(port).tx_packets, sent);  // counts stay
      EXPECT_THAT(dataplane_->ProgramFilters(), IsEmpty());      // a closed port has none
      const absl::Status opened = dataplane_->OpenPort(port);
      ASSERT_TRUE(opened.ok()) << opened.message();
      EXPECT_FALSE(dataplane_->IsQuiet(port));
      EXPECT_TRUE(dataplane_->HasLink(port));
      EXPECT_THAT(dataplane_->ProgramFilters(), IsEmpty());
    }

    const uint64_t before = dataplane_->statistics(port).tx_packets;
    Send(command::PortUp{port});
    ASSERT_THAT(Events(2), SizeIs(2));
    EXPECT_TRUE(Eventually([&] { return dataplane_->statistics(port).tx_packets >= before + 2; }));
    for (VirtualRouter* r : {router.get(), other.get()}) {
      Send(command::Remove{r});
      EventsUntilRetired(*r);
    }
  }
}

// More frames due at once than a burst, a command batch, and a ring of events hold. All are sent. If control misses
// some of several transitions, it receives the last one.
TEST_F(DataplaneTest, AFullEventRingDelaysTransitionsButLosesNone) {
  std::vector<std::unique_ptr<VirtualRouter>> routers;
  for (int vrid = 1; vrid <= 255; ++vrid) routers.push_back(MakeRouter(null(), static_cast<uint8_t>(vrid)));
  for (const auto& router : routers) Send(command::Add{router.get()});
  ASSERT_THAT(Events(routers.size()), SizeIs(routers.size()));

  const WorkerCounters& counters = dataplane_->worker_counters(1);  // net_null0's
  const uint64_t full_before = counters.event_ring_full.value();
  for (int round = 0; counters.event_ring_full.value() == full_before; ++round) {
    ASSERT_LT(round, 10000);
    for (const auto& router : routers) Send(command::Resign{router.get()});
    for (const auto& router : routers) Send(command::Takeover{router.get()});
  }

  for (const auto& router : routers) Send(command::Remove{router.get()});
  std::map<InstanceId, State> last;
  for (size_t retired = 0; retired < routers.size();) {
    const std::vector<ShardEvent> event = Events(1);
    ASSERT_THAT(event, SizeIs(1)) << "after " << retired << " of " << routers.size();
    if (const auto* moved = std::get_if<event::Transition>(&event[0])) last[moved->instance] = moved->to;
    if (Is<event::Retired>(event[0])) ++retired;
  }
  for (const auto& router : routers) {
    EXPECT_EQ(last[router->config.id], State::kInitialize);
    EXPECT_GE(router->counters.priority_zero_sent.value(), 1u);
  }
}

// ---- Errors before EAL is started ----

DataplaneConfig OnLcores(uint32_t main_lcore, std::vector<uint32_t> lcores, std::vector<uint32_t> of_port = {}) {
  DataplaneConfig config;
  config.ports = {{"net_null0", std::move(of_port)}};
  config.main_lcore = main_lcore;
  config.lcores = std::move(lcores);
  return config;
}

struct Refusal {
  DataplaneConfig config;
  std::string message;
};

class DataplaneRefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(DataplaneRefusalTest, NamesValueAndRule) {
  const absl::Status status = Dataplane::Start(GetParam().config, -1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Lcores, DataplaneRefusalTest,
    testing::Values(Refusal{OnLcores(0, {}), "lcores: must name at least one worker, got none"},
                    Refusal{OnLcores(0, {1, 2, 1}), "lcores: must name each worker once, got twice 1"},
                    Refusal{OnLcores(0, {1, 2}, {3}),
                            "device 'net_null0': an lcore that serves it must be a worker (1,2), got 3"},
                    Refusal{OnLcores(0, {0}), "lcores: a worker must not be the main lcore, got 0"},
                    Refusal{OnLcores(0, {4000000000}),
                            absl::StrCat("lcores: an lcore must be below ", RTE_MAX_LCORE, ", got 4000000000")},
                    Refusal{OnLcores(127, {0}), "main_lcore: an lcore must be a CPU that this process may run on ("},
                    Refusal{OnLcores(0, {127}), "lcores: an lcore must be a CPU that this process may run on ("}));

}  // namespace
}  // namespace dpvrrp
