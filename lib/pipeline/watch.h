// SPDX-License-Identifier: BSD-3-Clause
//
// Who else speaks VRRP on our segments, from frames good and bad: what `diagnose` judges by. Nothing here decides
// anything about a frame.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/address.h"
#include "base/drop_reason.h"
#include "base/limits.h"
#include "base/remark.h"
#include "base/time.h"
#include "base/types.h"
#include "pipeline/frame.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

// A speaker: these addresses on this segment, for this VRID.
struct SpeakerKey {
  PortId port;
  VlanStack vlan;
  Vrid vrid;
  MacAddress mac;
  IpAddress source;

  friend bool operator==(const SpeakerKey&, const SpeakerKey&) = default;
};

// What became of a frame's ICV.
enum class IcvVerdict : uint8_t { kNotLooked, kWrong, kRight };

// What a speaker's frames have proved: nothing; that somebody once had the key, as by a frame of old that anybody can
// send again; that somebody has it.
enum class KeyProof : uint8_t { kNone, kOld, kNew };

// What a speaker was last seen to say, and how that ended. What somebody without the key says of himself may be made
// up, his addresses included: so what was said with the key stands for as long as it goes on being said.
struct Speaker {
  static constexpr size_t kKeptAddresses = 4;

  SpeakerKey key;
  InstanceId instance{};  // of ours that it was meant for, if `configured`
  bool configured = false;
  bool has_ah = false;
  bool has_trailer = false;  // auth_hmac's
  bool is_ipv6 = false;
  KeyProof keeps = KeyProof::kNone;  // its place, by this
  uint8_t version = 0;               // VRRP's
  uint8_t auth_type = 0;             // VRRPv2's field
  uint8_t ttl = 0;                   // or hop limit; 0 of unicast AH by RFC 4302: no longer known
  uint8_t address_count = 0;
  Priority priority{};
  DropReason last_end{};                         // kNone: accepted
  DropReason last_refusal{};                     // of those that were not; kNone: all were accepted
  Remarks last_remarks;                          // of the last frame
  IcvVerdict last_icv = IcvVerdict::kNotLooked;  // of those whose ICV was computed
  Nanoseconds interval{0};
  std::array<IpAddress, kKeptAddresses> addresses{};  // the first ones that it advertises

  Instant first_seen{};
  Instant last_seen{};
  Instant last_right{};  // with a right ICV, if icv_right > 0
  Instant last_odd{};    // seen to be anything but the master that a backup hears
  uint64_t frames = 0;
  uint32_t accepted = 0;
  std::array<uint32_t, kDropReasonCount> dropped{};
  std::array<uint32_t, kRemarkCount> remarked{};

  // AH: frames whose ICV was right, and wrong; the last number, and the highest that anybody had authenticated or we
  // had sent when it came.
  uint32_t icv_right = 0;
  uint32_t icv_wrong = 0;
  uint32_t spi = 0;
  uint32_t sequence = 0;
  uint64_t sequence_known = 0;

  // What it has done lately, by times of kWindow: the one that runs, and the one before.
  static constexpr Nanoseconds kWindow = std::chrono::seconds(10);
  struct Window {
    Instant from{};
    Instant last_accepted{};
    uint32_t frames = 0;
    uint32_t accepted = 0;
    uint32_t refused = 0;
    uint32_t rises = 0;  // AH: its number was above the one before; and not
    uint32_t falls = 0;
  };
  Window window;
  Window window_before;

  // Of both together.
  Window recent() const;
  // Frames a second lately; 0: too few to tell.
  double rate() const;
};

// The speakers of a shard, in sets of kWays by a hash of their key. A newcomer takes a free place of its set, else that
// of one who does not keep his own. Those keep it that have proved to have the key, kKeep of a set at most, so that
// there is always room to see somebody without it; beyond that one of them gives his up. Of them at most kKeepByOld by
// numbers of old: anybody can send a frame again, from as many MACs as he likes, but he pushes out nobody who has the
// key, and blinds us to nobody who has not. Who is as he should be goes before who is odd, and then the longest silent
// goes: thousands of masters in good order do not push out the one rogue.
//
// Looking costs memory and time, so no more than kWatchRate frames a second are granted to it, and kWatchProbeRate ICVs
// that are computed only to learn if the key of a frame is right that is refused anyway, by its number.
//
// Thread: owning lcore; the constructor: any. Never allocates after it.
class Watch {
 public:
  static constexpr size_t kWays = 8;
  static constexpr size_t kKeep = kWays - 2;  // not one: he who comes to keep a place needs one until then
  static constexpr size_t kKeepByOld = kWays / 2;
  static constexpr size_t kPlaces = kMaxSpeakers;

  Watch();

  // What a burst may use up. Holders of the key have a share of their own, which no flood takes from them.
  struct Grant {
    size_t authentic = 0;
    size_t others = 0;
    size_t probes = 0;
  };
  Grant GrantFor(size_t frames, Instant now);
  void GiveBack(const Grant& unused);

  // A frame with VRRP in it ended so (kNone: accepted). `router`: that it was meant for, null: not known. Anything that
  // is not VRRP after all is ignored. The ICV, DSCP and TTL of an AH frame may have become zero meanwhile.
  void See(const Frame& frame, const VirtualRouter* router, DropReason end, Remarks remarks, IcvVerdict icv,
           Instant now);

  // Copies the speakers that stand in the `count` places from `first` on to `out`; returns how many.
  size_t Read(size_t first, size_t count, Speaker* out) const;

  uint64_t crowded_out() const { return crowded_out_; }  // speakers forgotten because there was no place

 private:
  // So many a second, and at most a second's worth at once.
  struct Budget {
    explicit constexpr Budget(size_t a_second) : rate(a_second), left(a_second) {}
    size_t Take(size_t wanted, Instant now);

    size_t rate;
    size_t left;
    Instant since{};
  };

  std::span<Speaker> SetOf(const SpeakerKey& key) const;
  Speaker& FindOrMake(const SpeakerKey& key, Instant now);
  void Keep(Speaker& speaker, KeyProof proof);

  std::unique_ptr<Speaker[]> speakers_;
  Budget authentic_{kWatchRate};
  Budget others_{kWatchRate};
  Budget probes_{kWatchProbeRate};
  uint64_t crowded_out_ = 0;
};

}  // namespace dpvrrp
