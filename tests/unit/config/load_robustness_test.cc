// SPDX-License-Identifier: BSD-3-Clause
//
// For any bytes, LoadConfig returns either no error or no config.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "load_text.h"

namespace dpvrrp {
namespace {

// What /etc/k holds.
const std::string kKeyFile = "hex:9f1c5ab7e30264d88be1724fc6905d3aa41b7ce85f20d96331f8ba0472e6cd15";

const std::string kFullFile = std::string(kGoodFile) + R"([instance.authentication]
type = "ah"
algorithm = "hmac-sha256-128"
icv_rule = "rfc4302"
key_file = "k"
[[instance]]
name = "gw2"
port = "lan"
vrid = 52
source_address = "10.99.0.2"
virtual_addresses = [ { address = "10.99.0.101/24", device = "eth0" } ]
authentication = { type = "ah", key_hex = "7333637233740000", allow_weak_keys = true }
[[keyring]]
name = "ring"
sign = 2
[[keyring.key]]
id = 1
key = "k7Qw2ZpX"
not_after = 2026-12-01T00:00:00+01:00
[[keyring.key]]
id = 2
key_hex = "8d1fc05a9be47723"
not_before = 2026-11-01T00:00:00Z
[[instance]]
name = "gw3"
port = "lan"
vrid = 53
source_address = "10.99.0.2"
virtual_addresses = [ "10.99.0.102/24" ]
authentication = { type = "ah", keyring = "ring" }
[[instance]]
name = "gw6"
port = "lan"
version = 3
vrid = 51
advertisement_interval = "100ms"
max_learned_interval = "1s"
preempt_delay = 5
source_address = "fe80::2"
unicast_peers = [ "fe80::1", { address = "fe80::3", next_hop = "fe80::9", min_ttl = 64, max_ttl = 255 } ]
virtual_addresses = [ "fe80::100/64", { address = "2001:db8::1/64", device = "eth0" } ]
excluded_addresses = [ "2001:db8:1::1" ]
[[template]]
name = "t{vlan}-{vrid}"
port = "lan"
version = 3
vlan = [ "100-101" ]
vrid = "1-2"
group = "ff02::99"
source_address = { address = "fe80::2", per_vlan = "0:0:0:1::" }
virtual_addresses = [ { address = "fe80::100/64", per_vrid = "::1" } ]
track = [ "up", { name = "gw-{vlan}", weight = -9, reverse = true } ]
notify = "/n 'a b'"
[[template.virtual_routes]]
to = { address = "2001:db8:a00::/48", per_vlan = "0:0:1::", per_vrid = "0:0:10::" }
via = { address = "fe80::9", per_vlan = "::1" }
device = "e{vlan}"
src = { address = "2001:db8::2", per_vrid = "::1" }
table = { number = 253, per_vlan = 4, per_vrid = 8 }
[[template.virtual_rules]]
from = { address = "10.1.0.0/16", per_vlan = "0.1.0.0" }
to = { address = "10.3.0.0/30", per_vrid = "0.0.0.4" }
table = { number = 253, per_vlan = 4 }
priority = { number = 7, per_vrid = 1 }
[[track]]
name = "up"
kind = "script"
command = [ "/c", "|" ]
timeout = 2
[[track]]
name = "gw-100"
kind = "instance"
instance = "gw"
[[track]]
name = "gw-101"
kind = "interface"
interface = "eth0"
[[group]]
name = "g"
kind = "together"
pattern = "t10*"
[scripts]
start = "/s"
)";

void ExpectSane(const std::string& toml) {
  const LoadResult result = Load(toml, {{"/etc/k", kKeyFile}});
  EXPECT_TRUE(result.errors.empty() || result.config == Config()) << toml;
  const auto before = [](const ConfigFault& a, const ConfigFault& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  };
  EXPECT_TRUE(std::is_sorted(result.errors.begin(), result.errors.end(), before)) << toml;
  for (const ConfigFault& fault : result.errors) {
    EXPECT_TRUE(fault.line >= 1 && fault.column >= 1 && !fault.message.empty()) << toml;
  }
}

TEST(LoadRobustnessTest, TheWholeFileIsGood) { EXPECT_TRUE(Load(kFullFile, {{"/etc/k", kKeyFile}}).errors.empty()); }

TEST(LoadRobustnessTest, EveryPrefix) {
  for (size_t length = 0; length <= kFullFile.size(); ++length) ExpectSane(kFullFile.substr(0, length));
}

// Bytes changed, removed and doubled, pieces moved, and the punctuation of TOML strewn in.
TEST(LoadRobustnessTest, SeededMutations) {
  std::mt19937 random(3768);
  const auto below = [&](size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random); };
  static constexpr char kPunctuation[] = "[]{}=.,\"'#\n\\-_+:0e";
  for (int round = 0; round < 10000; ++round) {
    std::string toml = kFullFile;
    for (size_t change = 0, changes = 1 + below(4); change < changes; ++change) {
      const size_t at = below(toml.size());
      const size_t length = std::min(toml.size() - at, 1 + below(20));
      switch (below(6)) {
        case 0:
          toml[at] = static_cast<char>(below(256));
          break;
        case 1:
          toml[at] = kPunctuation[below(sizeof kPunctuation - 1)];
          break;
        case 2:
          toml.erase(at, toml.size() > length ? length : 0);
          break;
        case 3:
          toml.insert(below(toml.size()), toml.substr(at, length));
          break;
        case 4:
          toml.insert(at, 1, kPunctuation[below(sizeof kPunctuation - 1)]);
          break;
        case 5:
          toml.insert(at, std::to_string(random()));
          break;
      }
    }
    ExpectSane(toml);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace dpvrrp
