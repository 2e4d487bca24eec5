// SPDX-License-Identifier: BSD-3-Clause
#include "support/test_shard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace dpvrrp {

VirtualRouterConfig BackupConfig() {
  VirtualRouterConfig config;
  config.id = InstanceId(1);
  config.vrid = Vrid(51);
  config.machine.priority = Priority(100);
  config.machine.source = Ip("10.99.0.2");
  config.source_mac = Mac("02:00:0a:63:00:02");
  config.addresses = {Ip("10.99.0.100")};
  return config;
}

VirtualRouterConfig V3Config(Family family) {
  VirtualRouterConfig config = BackupConfig();
  config.machine.version = VrrpVersion::kV3;
  config.machine.answer_lower = true;
  if (family == Family::kIpv4) return config;
  config.machine.source = Ip("fe80::2");
  config.addresses = {Ip("fe80::100"), Ip("2001:db8::100")};
  return config;
}

VirtualRouterConfig AhConfig(SequenceRecord& record, const Bytes& key) {
  VirtualRouterConfig config = BackupConfig();
  config.auth = AuthKind::kAh;
  config.keys = OneKey(*MacKey::Create(MacAlgorithm::kHmacMd5_96, key));
  config.record = &record;
  return config;
}

Bytes TrailerKey() {
  Bytes key(32);
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i);
  return key;
}

VirtualRouterConfig TrailerConfig(SequenceRecord& record, VirtualRouterConfig config) {
  config.auth = AuthKind::kAuthHmac;
  config.keys = OneKey(*MacKey::Create(MacAlgorithm::kHmacSha256_128, TrailerKey()));
  config.record = &record;
  return config;
}

namespace {

int64_t Ns(Instant at) { return at.time_since_epoch().count(); }

}  // namespace

std::string MachineOf(const VirtualRouter& r) {
  const Machine& m = r.machine;
  return absl::StrCat("state ", ToString(m.state), " reason ", ToString(m.reason), " since ", Ns(m.since), " deadline ",
                      Ns(m.deadline), "\nmaster ", m.knows_master() ? ToString(m.master_address) : "-", " ",
                      int{m.master_priority.value()}, " heard ", Ns(m.master_heard), " interval ", m.master_interval,
                      " preempt at ", Ns(m.preempt_at), "\ntimer started ", Ns(m.timer_started), " lower ",
                      m.lower_heard, " release ", m.release_heard, " hold ", m.hold_backup, "\nwheel ",
                      r.timer.armed() ? Ns(r.timer.at) : -1, "\n");
}

std::string StateOf(const VirtualRouter& r) {
  std::string out = MachineOf(r);
  for (const Sender& s : r.senders.senders()) {
    absl::StrAppend(&out, "sender ", ToString(s.address), " highest ", s.window.highest(), " accepted ", s.accepted,
                    " first ", Ns(s.first_seen), " last ", Ns(s.last_seen), " window ");
    for (uint32_t back = 0; back < ReplayWindow::kSize && back < s.window.highest(); ++back) {
      absl::StrAppend(&out, s.window.Check(s.window.highest() - back) == DropReason::kNone ? "." : "x");
    }
    absl::StrAppend(&out, "\n");
  }
  absl::StrAppend(&out, "heard ", r.senders.highest(), " evictions ", r.senders.evictions(), " sent ",
                  r.sequence.sent(), " ip id ", r.ip_id, " due ",
                  r.advert_due.has_value() ? int{r.advert_due->value()} : -1, " copies ", int{r.copies_sent},
                  " VRRPv3 of ", ToString(r.v3_master), " at ", Ns(r.v3_heard), " announce ",
                  r.announce_due.to_string(), " received ", r.counters.adverts_received.value(), " remarks");
  for (const DropCounter& remark : r.counters.remarks) absl::StrAppend(&out, " ", remark.value());
  if (r.config.record != nullptr) {
    const SequenceRecord& record = *r.config.record;
    absl::StrAppend(&out, "\nrecord ", ToHex({reinterpret_cast<const uint8_t*>(&record), sizeof record}));
  }
  return out;
}

TestShard::TestShard(Instant start, std::unique_ptr<IcvEngine> icv_engine, const FloodOrder& flood_order)
    : now(start), engine(std::move(icv_engine)), shard(std::make_unique<Shard>(*engine, start, flood_order)) {}

TestShard::~TestShard() {
  if (shard != nullptr) RemoveAll();
}

void TestShard::RemoveAll() {
  for (const auto& router : routers) {
    if (!router->retiring) Apply(command::Remove{router.get()});
  }
  RunFor(1ms);
  Events();
  EXPECT_TRUE(routers.empty()) << "a removed router never came back";
  EXPECT_TRUE(replacements.empty()) << "a replaced configuration never came back";
}

void TestShard::Kill() {
  shard.reset();
  routers.clear();
  replacements.clear();
}

VirtualRouter& TestShard::Add(VirtualRouterConfig config) {
  routers.push_back(std::make_unique<VirtualRouter>(std::move(config)));
  Apply(command::Add{routers.back().get()});
  return *routers.back();
}

void TestShard::SetUtc(Nanoseconds since_1970) { Apply(command::Clock{since_1970 - now.time_since_epoch()}); }

void TestShard::Replace(VirtualRouter& router, VirtualRouterConfig config) {
  config.record_in_use = config.record != nullptr && config.record == router.config.record;
  replacements.push_back(std::make_unique<VirtualRouter>(std::move(config)));
  Apply(command::Replace{&router, replacements.back().get()});
}

void TestShard::SetPriority(VirtualRouter& router, Priority priority) {
  VirtualRouterConfig config = router.config;
  config.machine.priority = priority;
  Replace(router, std::move(config));
}

void TestShard::ResolvePeers(VirtualRouter& router) {
  for (size_t i = 0; i < router.neighbours.size(); ++i) {
    router.neighbours[i].mac = Mac("02:00:0a:63:00:00");
    router.neighbours[i].mac.bytes[5] =
        router.config.unicast_peers[i].address.bytes()[router.config.machine.source.size() - 1];
    router.neighbours[i].known = true;
  }
}

void TestShard::Announce(VirtualRouter& router, uint16_t first, uint16_t count) {
  Apply(command::Announce{&router, first, count});
}

DropReason TestShard::Receive(const Bytes& bytes, PortId port) {
  std::array<uint64_t, kDropReasonCount> before;
  for (size_t i = 0; i < kDropReasonCount; ++i) before[i] = shard->counters().drops[i].value();
  const uint64_t accepted = shard->counters().adverts_accepted.value();
  ReceiveBurst({bytes}, port);
  if (shard->counters().adverts_accepted.value() == accepted + 1) return DropReason::kNone;
  for (size_t i = 0; i < kDropReasonCount; ++i) {
    if (shard->counters().drops[i].value() == before[i] + 1) return static_cast<DropReason>(i);
  }
  ADD_FAILURE() << "the frame was counted neither as accepted nor as dropped: " << ToHex(bytes);
  return DropReason::kNone;
}

void TestShard::ReceiveBurst(const std::vector<Bytes>& frames, PortId port) {
  std::vector<std::unique_ptr<uint8_t[]>> buffers;
  std::vector<Frame> burst;
  for (const Bytes& bytes : frames) {
    buffers.push_back(std::make_unique<uint8_t[]>(bytes.size()));
    std::copy(bytes.begin(), bytes.end(), buffers.back().get());
    burst.push_back({buffers.back().get(), static_cast<uint16_t>(bytes.size()), port});
  }
  shard->Receive(burst, now);
}

std::vector<Sent> TestShard::Transmit(size_t room) {
  while (buffers_.size() < room) buffers_.emplace_back(kMaxFrameBytes);
  std::vector<TxFrame> frames(room);
  for (size_t i = 0; i < room; ++i) frames[i].data = buffers_[i].data();
  TxBurst burst(frames);
  shard->Transmit(burst, now);
  std::vector<Sent> sent;
  for (const TxFrame& f : burst.used()) sent.push_back({now, f.port, Bytes(f.data, f.data + f.length)});
  return sent;
}

std::vector<Sent> TestShard::RunFor(Nanoseconds time) { return RunUntil(now + time); }

std::vector<Sent> TestShard::RunUntil(Instant end) {
  std::vector<Sent> all;
  int idle = 0;
  while (true) {
    const std::vector<Sent> sent = Transmit();
    all.insert(all.end(), sent.begin(), sent.end());
    if (sent.size() == kMaxBurst) continue;  // there may be more for this moment
    const Instant next = shard->NextDeadline();
    if (next <= now) {  // timers that only go on waiting are looked at a few hundred at a time
      if (++idle < 10000) continue;
      ADD_FAILURE() << "NextDeadline() does not move on: the worker loop would spin";
      return all;
    }
    idle = 0;
    if (next > end) break;
    now = next;
  }
  now = end;
  return all;
}

std::vector<ShardEvent> TestShard::Events() {
  std::vector<ShardEvent> all;
  std::array<ShardEvent, 7> some;  // few at a time, so that "the rest waits" is tried always
  while (const size_t count = shard->TakeEvents(some)) {
    all.insert(all.end(), some.begin(), some.begin() + count);
  }
  for (const ShardEvent& event : all) {
    if (const auto* retired = std::get_if<event::Retired>(&event)) {
      routers.remove_if([&](const auto& r) { return r.get() == retired->router; });
    }
    if (const auto* replaced = std::get_if<event::Replaced>(&event)) {
      replacements.remove_if([&](const auto& r) { return r.get() == replaced->router; });
    }
  }
  return all;
}

}  // namespace dpvrrp
