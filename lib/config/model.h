// SPDX-License-Identifier: BSD-3-Clause
//
// The configuration as values: what a valid file means. Made by config/load.h, compared by config/diff.h, read by
// control and the daemon. docs/config.md describes every key.
//
// Thread: control (a value).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "base/unicast_peer.h"
#include "crypto/mac_algorithm.h"

namespace dpvrrp {

// A segment's tags as people write them: "100", "100.7" (outermost first, as Linux names a stacked VLAN interface), "-"
// without any.
std::string ToString(const VlanStack& vlan);
// The inverse. InvalidArgument: "vlan must be ..., got 'x'".
absl::StatusOr<VlanStack> ParseVlan(absl::string_view text);

struct DaemonConfig {
  std::string control_socket = "/run/dpvrrp/dpvrrpd.sock";
  std::string state_directory = "/var/lib/dpvrrp";
  uint32_t main_lcore = 0;             // CPU of the control thread (EAL's main lcore)
  std::vector<uint32_t> lcores = {1};  // CPUs of the poll-mode workers, one at least
  IdleMode idle = IdleMode::kPoll;     // what a worker does when there is nothing to do
  Nanoseconds idle_sleep{0};           // with kSleep, how long it sleeps before it polls again; else 0
  std::string user;                    // whom the daemon becomes once everything is open; empty: nobody else
  std::string control_group;           // whose members may use the control socket; empty: its user's own
  bool lock_memory = true;             // nothing of it goes to swap
  bool seccomp = true;                 // only the system calls that it needs

  friend bool operator==(const DaemonConfig&, const DaemonConfig&) = default;
};

struct PortConfig {
  std::string name;                   // what instances call it
  std::string device;                 // PCI address "0000:3b:00.0", or a DPDK vdev "net_af_packet0,iface=eth0"
  std::vector<uint32_t> lcores = {};  // of DaemonConfig::lcores, the workers that serve it; empty: all

  friend bool operator==(const PortConfig&, const PortConfig&) = default;
};

// Key bytes that print as nothing and are wiped. Copying copies the secret: do it only to hand it on.
struct SecretBytes {
  std::vector<uint8_t> bytes;

  SecretBytes() = default;
  explicit SecretBytes(std::vector<uint8_t> b) : bytes(std::move(b)) {}
  SecretBytes(const SecretBytes&) = default;
  SecretBytes(SecretBytes&&) = default;
  SecretBytes& operator=(SecretBytes other) noexcept {  // copies or moves; `other` wipes what was here
    bytes.swap(other.bytes);
    return *this;
  }
  ~SecretBytes();

  friend bool operator==(const SecretBytes&, const SecretBytes&) = default;
};

struct KeyConfig {
  uint8_t id = 1;      // 1..255
  SecretBytes secret;  // as the MAC takes it
  // Unix time in seconds; from then on it is accepted, until then. Absent: always.
  std::optional<int64_t> not_before;
  std::optional<int64_t> not_after;

  friend bool operator==(const KeyConfig&, const KeyConfig&) = default;
};

// Keys by ids: all are accepted, one signs. Whether they are as long as a MAC wants is checked for each user.
struct KeyringConfig {
  std::string name;              // empty: an instance's or template's own
  std::vector<KeyConfig> keys;   // 1..kMaxKeys, ids and secrets differ
  uint8_t sign = 1;              // id of the one that signs
  bool allow_weak_keys = false;  // else none may be what config/key_strength.h calls weak

  friend bool operator==(const KeyringConfig&, const KeyringConfig&) = default;
};

// A keyring of one key, nobody else's.
std::shared_ptr<const KeyringConfig> OwnKey(SecretBytes secret);

struct AuthConfig {
  AuthKind kind = AuthKind::kNone;
  MacAlgorithm algorithm = MacAlgorithm::kHmacMd5_96;     // kAh
  IcvRule icv_rule = IcvRule::kKeepalived;                // kAh
  uint32_t spi = 0;                                       // kAh: 256 or more; 0: the sender's IPv4 address
  std::shared_ptr<const KeyringConfig> keyring;           // kAh, kAuthHmac; thousands of instances may share one
  SecretBytes password;                                   // kSimple: 1..8 bytes, zero-filled on the wire
  TrailerRules trailer;                                   // kAuthHmac
  uint16_t replay_window = 64;                            // kAh
  RestartPolicy restart_policy = RestartPolicy::kRefuse;  // kAh

  friend bool operator==(const AuthConfig& a, const AuthConfig& b) {
    const bool same_keys =
        a.keyring == b.keyring || (a.keyring != nullptr && b.keyring != nullptr && *a.keyring == *b.keyring);
    return same_keys && a.kind == b.kind && a.algorithm == b.algorithm && a.icv_rule == b.icv_rule && a.spi == b.spi &&
           a.trailer == b.trailer && a.replay_window == b.replay_window && a.restart_policy == b.restart_policy &&
           a.password == b.password;
  }
};

struct VirtualAddress {
  IpPrefix prefix;
  std::string device;  // kernel interface that holds it while we are master; empty: advertised only, nothing programmed
  bool excluded = false;  // held and announced, but not in the adverts

  friend bool operator==(const VirtualAddress&, const VirtualAddress&) = default;
};

struct InstanceConfig {
  std::string name;
  std::string port;
  VlanStack vlan;  // of the segment; untagged: none
  VrrpVersion version = VrrpVersion::kV2;
  Vrid vrid;
  Priority priority = kPriorityDefault;
  Nanoseconds advertisement_interval = std::chrono::seconds(1);
  bool preempt = true;
  Nanoseconds preempt_delay{0};
  Nanoseconds startup_delay{0};
  uint8_t down_timer_adverts = 3;
  Nanoseconds max_learned_interval{0};  // VRRPv3; 0: as announced
  bool lower_prio_no_advert = true;     // VRRPv2; VRRPv3: false
  bool higher_prio_send_advert = false;
  ChecksumRule checksum = ChecksumRule::kRfc5798;  // VRRPv3 over IPv4
  bool v2_coexistence = false;
  bool strict = false;
  IpAddress source_address;  // its family is the instance's
  SourceMac source_mac = SourceMac::kPort;
  IpAddress group;  // unspecified: VRRP's own
  std::vector<UnicastPeer> unicast_peers;
  uint8_t unicast_ttl = 255;
  std::vector<IpAddress> allowed_senders;  // at most kMaxAllowedSenders; empty: everybody is listened to
  bool responder = false;
  bool accept = true;
  // 1..kMaxVirtualAddresses, advertised in this order; excluded ones come last, and not all are
  std::vector<VirtualAddress> virtual_addresses;
  AuthConfig auth;

  friend bool operator==(const InstanceConfig&, const InstanceConfig&) = default;
};

// A sender whose VRRP frames are dropped. What is not given fits any; `address` or `mac` is.
struct BlockConfig {
  IpAddress address{};  // unspecified: any
  MacAddress mac{};     // zero: any
  std::string port{};   // empty: any

  friend bool operator==(const BlockConfig&, const BlockConfig&) = default;
};
std::string ToString(const BlockConfig& block);  // "10.99.0.9 mac 02:00:0a:63:00:09 port lan"

// Not zero, not a group's.
constexpr bool IsStation(const MacAddress& mac) { return mac != MacAddress{} && (mac.bytes[0] & 1) == 0; }
// A virtual router's, of any VRID: whoever is master sends from it.
constexpr bool IsVirtualMac(const MacAddress& mac) {
  const Vrid vrid(mac.bytes[5]);
  return mac == VirtualMac(Family::kIpv4, vrid) || mac == VirtualMac(Family::kIpv6, vrid);
}

// How a new master tells its LANs where its addresses are now.
struct GarpConfig {
  Nanoseconds interval{0};  // least time between two gratuitous ARPs on a port; 0: as fast as they go
  // After becoming master; ascending.
  std::vector<Nanoseconds> repeats = {std::chrono::milliseconds(250), std::chrono::seconds(1), std::chrono::seconds(2),
                                      std::chrono::seconds(5)};
  Nanoseconds refresh{0};  // a master's, for ever; 0: none

  friend bool operator==(const GarpConfig&, const GarpConfig&) = default;
};

struct Config {
  DaemonConfig daemon;
  GarpConfig garp;
  std::vector<PortConfig> ports;
  std::vector<std::shared_ptr<const KeyringConfig>> keyrings;  // the named ones, which instances share
  std::vector<BlockConfig> blocks;                             // at most kMaxBlockedSenders, no two alike
  std::vector<InstanceConfig> instances;

  friend bool operator==(const Config& a, const Config& b);
};

}  // namespace dpvrrp
