// SPDX-License-Identifier: BSD-3-Clause
//
// The configuration as values: the meaning of a valid file. Made by config/load.h, compared by config/diff.h, read by
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
#include "base/port_interface.h"
#include "base/scheduling.h"
#include "base/time.h"
#include "base/types.h"
#include "base/unicast_peer.h"
#include "crypto/mac_algorithm.h"
#include "host/route.h"

namespace dpvrrp {

// A segment's tags as people write them: "100", "100.7" (outermost first, as Linux names a stacked VLAN interface), or
// "-" if there are none.
std::string ToString(const VlanStack& vlan);
// The inverse. InvalidArgument: "vlan must be ..., got 'x'".
absl::StatusOr<VlanStack> ParseVlan(absl::string_view text);

inline constexpr size_t kMinEvents = 256;
inline constexpr size_t kMaxEvents = 262144;  // all of them fit into one answer as JSON

struct DaemonConfig {
  std::string control_socket = "/run/dpvrrp/dpvrrpd.sock";
  std::string state_directory = "/var/lib/dpvrrp";
  uint32_t main_lcore = 0;             // CPU of the control thread (EAL's main lcore)
  std::vector<uint32_t> lcores = {1};  // CPUs of the poll-mode workers, at least one
  IdleMode idle = IdleMode::kPoll;     // how a worker waits for work
  Nanoseconds idle_sleep{0};           // with kSleep, the time between two polls; otherwise 0
  std::string user;                    // the daemon's user after start-up; empty: not changed
  std::string control_group;           // may use the control socket; empty: the user's own group
  bool lock_memory = true;             // its memory is never swapped out
  bool seccomp = true;                 // only the system calls that it needs are permitted
  // Of the control thread. Workers that rest have a priority one higher.
  SchedulingPolicy scheduling = SchedulingPolicy::kFifo;
  int scheduling_priority = 10;  // 1..98
  size_t events = 0;             // kept for `show events`; 0: as many as the instances need
  std::string read_only_socket;  // any user of the machine may connect, and may only look; empty: there is none

  friend bool operator==(const DaemonConfig&, const DaemonConfig&) = default;
};

struct PortConfig {
  std::string name;                         // by which instances name it
  std::string device;                       // PCI address "0000:3b:00.0", or a DPDK vdev "net_af_packet0,iface=eth0"
  std::vector<uint32_t> lcores = {};        // the workers that serve it, of DaemonConfig::lcores; empty: all
  KernelShare kernel = KernelShare::kNone;  // kShared only with a device that takes a filter
  std::string twin = "";                    // the kernel interface that is the port's twin; with kTwin, else empty

  friend bool operator==(const PortConfig&, const PortConfig&) = default;
};

// Key bytes. They have no text form, and are wiped on destruction. Copying copies the secret: copy only to pass it on.
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
  SecretBytes secret;  // in the form that the MAC takes
  // Unix time in seconds. The key is accepted from not_before on and until not_after. Absent: no limit.
  std::optional<int64_t> not_before;
  std::optional<int64_t> not_after;

  friend bool operator==(const KeyConfig&, const KeyConfig&) = default;
};

// Keys by id: all are accepted, one signs. Whether their length fits an algorithm is checked for each user of the ring.
struct KeyringConfig {
  std::string name;              // empty: belongs to one instance or template
  std::vector<KeyConfig> keys;   // 1..kMaxKeys, ids and secrets differ
  uint8_t sign = 1;              // id of the signing key
  bool allow_weak_keys = false;  // if false, no key may be weak by config/key_strength.h

  friend bool operator==(const KeyringConfig&, const KeyringConfig&) = default;
};

// A keyring of one key, which nothing shares.
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

// What a master does when it cannot hold a virtual address on its kernel device.
enum class AddressLoss : uint8_t {
  kAuto,    // gives way to another router if there is one, otherwise stays master
  kKeep,    // stays master
  kResign,  // is not master until the address can be held
};

absl::string_view ToString(AddressLoss loss);  // "auto", "keep", "resign"

struct VirtualAddress {
  IpPrefix prefix;
  std::string device;     // kernel interface that holds it while we are master; empty: only advertised, not programmed
  bool excluded = false;  // held and announced, but not in the adverts
  // IPv4 with a device.
  std::string label{};             // the kernel's label of the address; empty: the device's name
  std::optional<uint8_t> scope{};  // rtnetlink's RT_SCOPE_*; absent: global, or link on a virtual-MAC device

  friend bool operator==(const VirtualAddress&, const VirtualAddress&) = default;
};

// A value that many instances share. Equal if the values are. Null: none.
template <typename T>
struct Shared {
  std::shared_ptr<const T> value;

  const T* get() const { return value.get(); }
  friend bool operator==(const Shared& a, const Shared& b) {
    return a.get() == b.get() || (a.get() != nullptr && b.get() != nullptr && *a.value == *b.value);
  }
};

// A condition outside of VRRP on which instances depend (docs/tracking.md).
enum class TrackKind : uint8_t {
  kScript,     // the exit status of a program
  kInterface,  // a kernel interface, and optionally an address on it
  kPort,       // the link of a port
  kInstance,   // the state of another instance
  kManual,     // set by `track set`
};
absl::string_view ToString(TrackKind kind);  // "script", "interface", "port", "instance", "manual"

struct TrackConfig {
  std::string name;
  TrackKind kind = TrackKind::kManual;
  // Damping. A track goes down after `fall` bad observations in a row that last for down_delay, and up after `rise`
  // good ones that last for up_delay.
  uint32_t rise = 1;
  uint32_t fall = 1;
  Nanoseconds up_delay{0};
  Nanoseconds down_delay{0};
  // kScript, kManual: what counts until the first observation. Absent: not known; see docs/tracking.md.
  std::optional<bool> initial;

  std::vector<std::string> command;                // kScript: the program's path and its arguments
  Nanoseconds interval = std::chrono::seconds(1);  // kScript: from start to start
  Nanoseconds timeout{0};                          // kScript: then it counts as bad, and is ended; more than 0
  std::string user;                                // kScript; empty: ScriptsConfig::user
  std::string interface;                           // kInterface
  std::optional<IpAddress> address;                // kInterface: which the interface must hold
  std::string port;                                // kPort
  std::string instance;                            // kInstance
  bool must_be_master = true;                      // kInstance; false: it must not be in Initialize or Fault

  friend bool operator==(const TrackConfig&, const TrackConfig&) = default;
};

// What a track does to an instance or a group.
struct TrackUse {
  std::string track;            // its name
  std::optional<int> weight{};  // -253..253, not 0; absent: while the track is down, the instance is in Fault
  bool reverse = false;         // down counts as up, and up as down

  friend bool operator==(const TrackUse&, const TrackUse&) = default;
};

// Programs that are run after a transition. Each is a path and its arguments; empty: none.
struct NotifyConfig {
  std::vector<std::string> master;
  std::vector<std::string> backup;
  std::vector<std::string> fault;
  std::vector<std::string> stop;
  std::vector<std::string> any;  // with the arguments INSTANCE or GROUP, name, state, priority

  friend bool operator==(const NotifyConfig&, const NotifyConfig&) = default;
};

enum class GroupKind : uint8_t {
  kTogether,  // all members are master, or none is
  kFollow,    // the members send no adverts, and are master while the leader is
};
absl::string_view ToString(GroupKind kind);  // "together", "follow"

struct GroupConfig {
  std::string name;
  GroupKind kind = GroupKind::kTogether;
  std::string leader;                // kFollow: the name of an instance that follows no other one
  std::vector<std::string> members;  // names of instances, in the order of the file; each is in one group only
  std::vector<TrackUse> tracks;      // kTogether: apply to every member
  Shared<NotifyConfig> notify;       // null: none

  friend bool operator==(const GroupConfig&, const GroupConfig&) = default;
};

// How programs run, and the FIFO.
struct ScriptsConfig {
  std::string user = "root";                       // of programs that name no user
  Nanoseconds timeout = std::chrono::seconds(60);  // of a notify program; then it is ended
  std::string fifo;                                // gets a line for every transition; empty: none
  std::vector<std::string> start;                  // run after the daemon has started; empty: none
  std::vector<std::string> stop;                   // run before it ends; empty: none

  friend bool operator==(const ScriptsConfig&, const ScriptsConfig&) = default;
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
  Nanoseconds max_learned_interval{0};  // VRRPv3; 0: no limit
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
  std::vector<IpAddress> allowed_senders;  // at most kMaxAllowedSenders; empty: all senders are accepted
  bool responder = false;
  bool accept = true;
  AddressLoss address_loss = AddressLoss::kAuto;
  bool use_as_source = false;  // the host's own traffic may have a virtual address as source
  // 1..kMaxVirtualAddresses, advertised in this order; excluded ones come last, and not all are
  std::vector<VirtualAddress> virtual_addresses;
  // In the kernel while the instance is master. No two are alike, in any instance.
  std::vector<VirtualRoute> virtual_routes;
  std::vector<VirtualRule> virtual_rules;
  AuthConfig auth;
  std::string leader;  // of its group of kind kFollow; empty: it is in none
  std::vector<TrackUse> tracks;
  Shared<NotifyConfig> notify;  // null: none; instances of a template share one

  friend bool operator==(const InstanceConfig&, const InstanceConfig&) = default;
};

// A sender whose VRRP frames are dropped. A field that is not given matches any. `address` or `mac` is given.
struct BlockConfig {
  IpAddress address{};  // unspecified: any
  MacAddress mac{};     // zero: any
  std::string port{};   // empty: any

  friend bool operator==(const BlockConfig&, const BlockConfig&) = default;
};
std::string ToString(const BlockConfig& block);  // "10.99.0.9 mac 02:00:0a:63:00:09 port lan"

// Whether it is a unicast MAC address other than zero.
constexpr bool IsStation(const MacAddress& mac) { return mac != MacAddress{} && (mac.bytes[0] & 1) == 0; }
// Whether it is the virtual MAC address of any VRID, which every master of that VRID sends from.
constexpr bool IsVirtualMac(const MacAddress& mac) {
  const Vrid vrid(mac.bytes[5]);
  return mac == VirtualMac(Family::kIpv4, vrid) || mac == VirtualMac(Family::kIpv6, vrid);
}

// How a master announces its addresses to its segments.
struct GarpConfig {
  Nanoseconds interval{0};  // least time between two gratuitous ARPs on a port; 0: no pacing
  // Times after becoming master; ascending.
  std::vector<Nanoseconds> repeats = {std::chrono::milliseconds(250), std::chrono::seconds(1), std::chrono::seconds(2),
                                      std::chrono::seconds(5)};
  Nanoseconds refresh{0};  // period of repeats while the router is master; 0: none
  // Least time between two announcements of an instance that correct a wrong claim of another host; 0: no correction.
  Nanoseconds correction_interval = std::chrono::seconds(1);

  friend bool operator==(const GarpConfig&, const GarpConfig&) = default;
};

inline constexpr uint16_t kDefaultMetricsPort = 9650;

// Where the figures of the daemon can be read over HTTP.
struct MetricsConfig {
  IpAddress address = IpAddress::V4(0x7f00'0001);  // a loopback address
  uint16_t port = 0;                               // TCP; 0: none
  std::string socket;                              // the path of a Unix socket; empty: none
  bool per_instance = false;                       // also a series for each instance, track and group

  friend bool operator==(const MetricsConfig&, const MetricsConfig&) = default;
};

struct Config {
  DaemonConfig daemon;
  GarpConfig garp;
  std::vector<PortConfig> ports;
  std::vector<std::shared_ptr<const KeyringConfig>> keyrings;  // those with a name, which instances share
  std::vector<BlockConfig> blocks;                             // at most kMaxBlockedSenders, no two alike
  std::vector<InstanceConfig> instances;
  ScriptsConfig scripts;
  std::vector<TrackConfig> tracks;
  std::vector<GroupConfig> groups;
  MetricsConfig metrics;

  friend bool operator==(const Config& a, const Config& b);
};

}  // namespace dpvrrp
