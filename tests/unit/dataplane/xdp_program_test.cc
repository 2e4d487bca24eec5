// SPDX-License-Identifier: BSD-3-Clause
//
// The XDP program in the kernel (BPF_PROG_TEST_RUN), compared with the program that packet sockets have.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <linux/if_xdp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <random>

#include "dataplane/xdp_table.h"
#include "filter_testing.h"
#include "io/unique_fd.h"

namespace dpvrrp {
namespace {

enum class Verdict { kPass, kCopy, kTake };

class XdpProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "loading a BPF program needs root";
    if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, nullptr) != 1 ||
        !UniqueFd(socket(AF_XDP, SOCK_RAW, 0)).valid()) {
      GTEST_SKIP() << "this kernel or container has no XDP, or one older than Linux 5.18";
    }
    object_ = bpf_object__open_file(DPVRRP_XDP_PROGRAM, nullptr);
    ASSERT_NE(object_, nullptr);
    const int error = bpf_object__load(object_);
    if (error == -EPERM) GTEST_SKIP() << "this container may not load BPF programs";
    ASSERT_EQ(error, 0);
    program_ = bpf_program__fd(bpf_object__next_program(object_, nullptr));
    selection_ = static_cast<dpvrrp_xdp_selection*>(
        Map(sizeof(dpvrrp_xdp_selection), PROT_READ | PROT_WRITE, DPVRRP_XDP_SELECTION_NAME, 0));
    const auto page = static_cast<size_t>(getpagesize());
    consumed_ = static_cast<uint64_t*>(Map(page, PROT_READ | PROT_WRITE, DPVRRP_XDP_COPIES_NAME, 0));
    produced_ = static_cast<const uint64_t*>(
        Map(page + 2 * DPVRRP_XDP_RING_BYTES, PROT_READ, DPVRRP_XDP_COPIES_NAME, static_cast<off_t>(page)));
    OpenSocket();
  }
  void TearDown() override { bpf_object__close(object_); }  // null is permitted

  void* Map(size_t bytes, int protection, const char* name, off_t offset) {
    void* at = mmap(nullptr, bytes, protection, MAP_SHARED, bpf_object__find_map_fd_by_name(object_, name), offset);
    EXPECT_NE(at, MAP_FAILED);
    return at;
  }

  // Queue 0 needs a socket with memory and rings, or no frame is redirected.
  void OpenSocket() {
    socket_ = UniqueFd(socket(AF_XDP, SOCK_RAW, 0));
    constexpr size_t kBytes = 65536;
    void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    xdp_umem_reg area{};
    area.addr = reinterpret_cast<uint64_t>(memory);
    area.len = kBytes;
    area.chunk_size = 4096;
    const int entries = 64;
    ASSERT_EQ(setsockopt(socket_.get(), SOL_XDP, XDP_UMEM_REG, &area, sizeof area), 0);
    for (const int ring : {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING}) {
      ASSERT_EQ(setsockopt(socket_.get(), SOL_XDP, ring, &entries, sizeof entries), 0);
    }
    const uint32_t queue = 0;
    const int fd = socket_.get();
    ASSERT_EQ(bpf_map_update_elem(bpf_object__find_map_fd_by_name(object_, "xsks_map"), &queue, &fd, 0), 0);
  }

  Verdict Judge(Bytes frame) {
    bpf_test_run_opts run{};
    run.sz = sizeof run;
    run.data_in = frame.data();
    run.data_size_in = static_cast<uint32_t>(frame.size());
    EXPECT_EQ(bpf_prog_test_run_opts(program_, &run), 0);
    const Bytes copy = TakeCopy();
    if (run.retval == 4) return Verdict::kTake;  // XDP_REDIRECT
    EXPECT_EQ(run.retval, 2u);                   // XDP_PASS
    if (copy.empty()) return Verdict::kPass;
    EXPECT_EQ(copy, frame);
    return Verdict::kCopy;
  }

  Bytes TakeCopy() {
    if (*consumed_ == __atomic_load_n(produced_, __ATOMIC_ACQUIRE)) return {};
    const uint8_t* record =
        reinterpret_cast<const uint8_t*>(produced_) + getpagesize() + (*consumed_ & (DPVRRP_XDP_RING_BYTES - 1));
    const uint32_t bytes =
        *reinterpret_cast<const uint32_t*>(record) & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    const auto* copy = reinterpret_cast<const dpvrrp_xdp_copy*>(record + BPF_RINGBUF_HDR_SZ);
    const auto* bytes_of = reinterpret_cast<const uint8_t*>(copy + 1);
    Bytes frame(bytes_of, bytes_of + copy->length);
    __atomic_store_n(consumed_, *consumed_ + ((BPF_RINGBUF_HDR_SZ + bytes + 7) & ~7u), __ATOMIC_RELEASE);
    return frame;
  }

  bpf_object* object_ = nullptr;
  int program_ = -1;
  dpvrrp_xdp_selection* selection_ = nullptr;
  uint64_t* consumed_ = nullptr;
  const uint64_t* produced_ = nullptr;
  UniqueFd socket_;
};

TrafficSelection Selection() {
  TrafficSelection out;
  out.v4.ah = {FilterWord(Ip("224.0.0.18")), FilterWord(Ip("10.99.0.2"))};
  out.v4.hosts = out.v4.echo = {FilterWord(Ip("10.99.0.100")), FilterWord(Ip("10.99.0.7"))};
  out.v6.ah = {FilterWord(Ip("ff02::12")), FilterWord(Ip("fe80::2"))};
  out.v6.hosts = out.v6.echo = {FilterWord(Ip("fe80::100"))};
  out.v4.queries = out.v6.queries = true;
  return out;
}

std::vector<Bytes> Frames() {
  std::vector<Bytes> frames;
  for (const auto& [name, frame] : OrdinaryTraffic()) frames.push_back(frame);
  for (const char* address : {"10.99.0.100", "10.99.0.2", "10.99.0.7"}) {
    const TrafficHost host{kGuest.mac, Ip(address)};
    frames.insert(frames.end(),
                  {ArpAnnouncement(host), ArpRequest(kGuest, host.address), ArpReply(host, At("10.99.0.2")),
                   EchoRequest(kGuest, At(address), Bytes(4)), EchoRequest(kGuest, At(address), Bytes(1400)),
                   Packet(kProtocolAh, "10.99.0.7", address), Packet(kProtocolVrrp, "10.99.0.7", address)});
  }
  for (const char* address : {"fe80::100", "fe80::2"}) {
    const TrafficHost host{kGuest.mac, Ip(address)};
    frames.insert(frames.end(), {NeighbourAnnouncement(host), NeighbourSolicitation(kGuest6, host.address),
                                 EchoRequest(kGuest6, At(address), Bytes(4))});
  }
  for (const bool authenticated : {false, true}) {
    AdvertFrame advert;
    if (authenticated) advert.key = KeepalivedKey("s3cr3t");
    frames.push_back(advert.Build());
    advert.destination = Ip("10.99.0.2");
    frames.push_back(advert.Build());
  }
  return frames;
}

// AH to one address that does not carry VRRP is the kernel's.
bool IsOthersAh(const Bytes& frame, const VlanStack& vlan) {
  const size_t at = 14 + (vlan.outer != 0 ? 4 : 0) + (vlan.inner != 0 ? 4 : 0);
  if (frame[at - 2] == 0x08) {
    const size_t next = at + (frame[at] & 0x0fu) * 4;
    return frame[at + 9] == kProtocolAh && frame[at + 16] >> 4 != 14 &&
           (next >= frame.size() || frame[next] != kProtocolVrrp);
  }
  return frame[at + 6] == kProtocolAh && frame[at + 24] != 0xff && frame[at + 40] != kProtocolVrrp;
}

TEST_F(XdpProgram, SelectsWhatTheFilterOfAPacketSocketSelects) {
  const TrafficFilter filter = BuildTrafficFilter(Selection());
  ASSERT_TRUE(PutInForce(Selection(), *selection_).empty());
  std::mt19937 random(7);
  std::array<int, 3> seen{};
  for (const VlanStack& vlan : kSegments) {
    for (const Bytes& plain : Frames()) {
      for (int round = 0; round < 20; ++round) {
        Bytes frame = WithTags(plain, vlan);
        const size_t headers = std::min<size_t>(frame.size(), 80);
        if (round > 0) frame[22 + random() % (headers - 22)] = static_cast<uint8_t>(random());
        const bool wanted = RunBpf(filter.program, frame) != 0 && !IsOthersAh(frame, vlan);
        const Verdict verdict = Judge(frame);
        ++seen[static_cast<size_t>(verdict)];
        ASSERT_EQ(verdict != Verdict::kPass, wanted) << ::testing::PrintToString(frame);
      }
    }
  }
  for (const int of_a_kind : seen) EXPECT_GT(of_a_kind, 200);
}

TEST_F(XdpProgram, TheKernelKeepsWhatItNeedsItself) {
  PutInForce(Selection(), *selection_);
  EXPECT_EQ(Judge(AdvertFrame().Build()), Verdict::kTake);
  EXPECT_EQ(Judge(ArpRequest(kGuest, Ip("10.99.0.100"))), Verdict::kCopy);
  EXPECT_EQ(Judge(ArpRequest(kGuest, Ip("10.99.0.2"))), Verdict::kPass);
  TrafficSelection other = Selection();
  other.v4.hosts = {FilterWord(Ip("10.99.0.2"))};
  PutInForce(other, *selection_);
  EXPECT_EQ(Judge(ArpRequest(kGuest, Ip("10.99.0.100"))), Verdict::kPass);
  EXPECT_EQ(Judge(ArpRequest(kGuest, Ip("10.99.0.2"))), Verdict::kCopy);
}

}  // namespace
}  // namespace dpvrrp
