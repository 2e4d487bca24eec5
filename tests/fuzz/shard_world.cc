// SPDX-License-Identifier: BSD-3-Clause
#include "fuzz/shard_world.h"

namespace dpvrrp {
namespace {

constexpr MacAddress kPortMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x02}};

VirtualRouterConfig At(VirtualRouterConfig config, uint8_t vrid, const char* address) {
  config.id = InstanceId(vrid);
  config.vrid = Vrid(vrid);
  config.port_mac = kPortMac;
  config.addresses = {Ip(address)};
  return config;
}

UnicastPeer Peer(const char* address, uint8_t min_ttl) {
  return {.address = Ip(address), .next_hop = Ip(address), .min_ttl = min_ttl, .max_ttl = 255};
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
  VirtualRouterConfig v3 = At(V3Config(), 56, "10.99.0.160");
  v3.addresses.push_back(Ip("10.99.0.161"));
  shard_->Add(std::move(v3));
  VirtualRouterConfig v6 = At(V3Config(Family::kIpv6), 57, "fe80::5e:57");
  v6.addresses.push_back(Ip("fd99::1:57"));
  shard_->Add(std::move(v6));
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

void AddVariety(TestShard& shard) {
  VirtualRouterConfig owner = At(V3Config(), 58, "10.99.0.2");
  owner.machine.priority = kPriorityOwner;
  owner.strict = true;
  shard.Add(std::move(owner));

  VirtualRouterConfig unicast = At(BackupConfig(), 59, "10.99.0.170");
  unicast.unicast_peers = {Peer("10.99.0.1", 255), Peer("10.99.0.7", 1)};
  shard.Add(std::move(unicast));
  VirtualRouterConfig unicast6 = At(V3Config(Family::kIpv6), 62, "fe80::62");
  unicast6.unicast_peers = {Peer("fe80::1", 255), Peer("2001:db8::7", 64)};
  shard.Add(std::move(unicast6));

  VirtualRouterConfig host = At(V3Config(), 63, "10.99.0.180");
  host.responder = true;
  host.source_mac = VirtualMac(Family::kIpv4, Vrid(63));
  shard.Add(std::move(host));
  VirtualRouterConfig host6 = At(V3Config(Family::kIpv6), 63, "fe80::63");
  host6.id = InstanceId(256);
  host6.addresses.push_back(Ip("2001:db8::63"));
  host6.responder = true;
  host6.source_mac = VirtualMac(Family::kIpv6, Vrid(63));
  shard.Add(std::move(host6));

  VirtualRouterConfig group = At(BackupConfig(), 64, "10.99.0.190");
  group.group = Ip("239.1.1.1");
  shard.Add(std::move(group));

  VirtualRouterConfig tagged = At(V3Config(), 65, "10.99.0.200");
  tagged.vlan = {100, 7};
  tagged.v2_coexistence = true;
  shard.Add(std::move(tagged));
}

}  // namespace dpvrrp
