// SPDX-License-Identifier: BSD-3-Clause
#include "fuzz/shard_input.h"

#include <algorithm>

#include "base/check.h"

namespace dpvrrp {
namespace {

VirtualRouterConfig At(VirtualRouterConfig config, uint8_t vrid, const char* address) {
  config.id = InstanceId(vrid);
  config.vrid = Vrid(vrid);
  config.addresses = {Ip(address)};
  return config;
}

}  // namespace

ShardWorld::ShardWorld() : shard_(std::make_unique<TestShard>()) {
  shard_->Add(At(AhConfig(records_[0]), 51, "10.99.0.100"));
  VirtualRouterConfig twenty = At(AhConfig(records_[1], KeepalivedKey("longerthan8chars")), 52, "10.99.0.101");
  for (uint32_t i = 1; i < 20; ++i) twenty.addresses.push_back(IpAddress::V4(0x0a630065 + i));
  shard_->Add(std::move(twenty));
  VirtualRouterConfig simple = At(BackupConfig(), 54, "10.99.0.140");
  simple.auth = AuthKind::kSimple;
  simple.password = {'p', 'w', '1', '2'};
  shard_->Add(std::move(simple));
  shard_->Add(At(BackupConfig(), 55, "10.99.0.150"));
  VirtualRouterConfig sha = At(AhConfig(records_[2]), 60, "10.99.0.160");
  sha.keys = OneKey(*MacKey::Create(MacAlgorithm::kHmacSha256_128, Bytes(32, 0x5a)));
  sha.icv_rule = IcvRule::kRfc4302;
  shard_->Add(std::move(sha));
}

ShardWorld::~ShardWorld() { shard_.reset(); }

std::string ShardWorld::State() const {
  std::string out;
  for (const auto& router : shard_->routers) out += StateOf(*router) + "\n";
  return out;
}

std::string ShardWorld::AuthenticatedState() const {
  std::string out;
  for (const auto& router : shard_->routers) {
    if (router->config.auth == AuthKind::kAh) out += StateOf(*router) + "\n";
  }
  return out;
}

void RunShardInput(std::span<const uint8_t> input) {
  ShardWorld world;
  TestShard& t = world.shard();
  while (input.size() >= 3) {
    const size_t length = std::min<size_t>((input[0] | input[1] << 8) % 2048, input.size() - 3);
    const Nanoseconds pause = input[2] * 20ms;
    for (const Sent& sent : t.RunFor(pause)) DPVRRP_CHECK(SeeAdvert(sent.frame).has_value());
    const ShardCounters& counters = t.shard->counters();
    const auto counted = [&] {
      uint64_t sum = counters.adverts_accepted.value();
      for (const Counter& drops : counters.drops) sum += drops.value();
      return sum;
    };
    const uint64_t before = counted();
    t.ReceiveBurst({Bytes(input.begin() + 3, input.begin() + 3 + static_cast<ptrdiff_t>(length))});
    DPVRRP_CHECK(counted() == before + 1);
    t.Events();
    input = input.subspan(3 + length);
  }
}

}  // namespace dpvrrp
