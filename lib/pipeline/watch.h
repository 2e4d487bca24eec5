// SPDX-License-Identifier: BSD-3-Clause
//
// The watch: a picture of every sender of VRRP on our segments, from accepted and refused frames. `diagnose` judges
// senders by it. It never changes what happens to a frame.
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

// A speaker is one sender: a pair of MAC and IP address on one segment, for one VRID.
struct SpeakerKey {
  PortId port;
  VlanStack vlan;
  Vrid vrid;
  MacAddress mac;
  IpAddress source;

  friend bool operator==(const SpeakerKey&, const SpeakerKey&) = default;
};

// The outcome of a frame's ICV. kNotLooked: it was not computed, or there is none.
enum class IcvVerdict : uint8_t { kNotLooked, kWrong, kRight };

// What a speaker's frames have proved about the key.
//
//   kNone  nothing: no frame had a right ICV
//   kOld   a sender had the key once: the ICV is right, but the number is used already. An attacker without the key can
//          record such a frame and send it again
//   kNew   a sender has the key now: the ICV is right and the number is new
enum class KeyProof : uint8_t { kNone, kOld, kNew };

// A copy of a refused IP packet that carries authentication, so that control can try which key or rule would verify it
// (control/key_trial.h). If the ICV was computed, the header fields that it does not cover are zero.
struct PacketSample {
  static constexpr size_t kBytes = 256;                           // a longer packet is not kept
  static constexpr Nanoseconds kEvery = std::chrono::seconds(1);  // of one speaker, at most one copy in this time

  std::array<uint8_t, kBytes> packet{};
  uint16_t bytes = 0;  // 0: no copy was kept
  Instant at{};
};

// How the numbers of a speaker change from frame to frame: AH's sequence number, or the number of the auth_hmac
// trailer.
struct NumberCourse {
  uint64_t last = 0;
  // The present run of rising numbers: since when, its first number, and how often a number was above the one before.
  Instant since{};
  uint64_t first = 0;
  uint32_t rises = 0;
  // When a number was last not above the one before, in a frame that was no copy. 0: never.
  Instant fell_at{};
  uint64_t fell_from = 0;
};

// What a speaker's last frames said, and how they ended. A sender without the key can forge every field, its addresses
// too. So while frames with a right ICV are received, `priority`, `interval` and the addresses are theirs alone.
struct Speaker {
  static constexpr size_t kKeptAddresses = 4;

  SpeakerKey key;
  InstanceId instance{};  // our instance with this VRID, if `configured`
  bool configured = false;
  bool has_ah = false;
  bool has_trailer = false;  // auth_hmac's
  bool is_ipv6 = false;
  KeyProof keeps = KeyProof::kNone;  // why its place in the set is protected (Watch); kNone: it is not
  uint8_t version = 0;               // VRRP's
  uint8_t auth_type = 0;             // VRRPv2's field
  uint8_t ttl = 0;                   // or hop limit. 0 with unicast AH by RFC 4302: it was zeroed for the ICV
  uint8_t address_count = 0;
  uint8_t ah_words = 0;        // AH's payload length field: it tells the length of the ICV
  uint8_t trailer_key_id = 0;  // auth_hmac's
  Priority priority{};
  Priority said_priority{};                      // of the last frame, whether its ICV was right or not
  uint16_t ip_id = 0;                            // of the last frame, IPv4
  IpAddress destination;                         // of the last frame
  DropReason last_end{};                         // of the last frame; kNone: accepted
  DropReason last_refusal{};                     // of the last refused frame; kNone: every frame was accepted
  Remarks last_remarks;                          // of the last frame
  IcvVerdict last_icv = IcvVerdict::kNotLooked;  // of the last frame whose ICV was computed
  Nanoseconds interval{0};
  std::array<IpAddress, kKeptAddresses> addresses{};  // the first ones that it advertises

  Instant first_seen{};
  Instant last_seen{};
  Instant last_right{};  // a right ICV was received, if icv_right > 0
  Instant last_odd{};    // it sent anything but the adverts that our backup expects from its master
  uint64_t frames = 0;
  uint32_t accepted = 0;
  std::array<uint32_t, kDropReasonCount> dropped{};
  std::array<uint32_t, kRemarkCount> remarked{};

  // Frames whose ICV was right, and wrong. AH's last SPI and number. `sequence_known`: the highest number that any
  // sender had authenticated or we had sent when the last frame was received.
  uint32_t icv_right = 0;
  uint32_t icv_wrong = 0;
  uint32_t spi = 0;
  uint32_t sequence = 0;
  uint64_t sequence_known = 0;
  uint64_t own_sent = 0;  // AH, auth_hmac: the last number that we had sent when its last frame was received
  NumberCourse course;
  PacketSample sample;

  // What it sent lately, counted in periods of kWindow: the present period and the one before.
  static constexpr Nanoseconds kWindow = std::chrono::seconds(10);
  struct Window {
    Instant from{};
    Instant last_accepted{};
    uint32_t frames = 0;
    uint32_t accepted = 0;
    uint32_t refused = 0;
    uint32_t rises = 0;   // AH, auth_hmac: the number was above the one before
    uint32_t falls = 0;   // AH, auth_hmac: the number was not above the one before
    uint32_t copies = 0;  // the same frame again within kCopyWithin
  };
  Window window;
  Window window_before;

  // A network that doubles frames delivers the copy within this time. If the interval is below twice this time, half
  // the interval is used instead.
  static constexpr Nanoseconds kCopyWithin = std::chrono::milliseconds(100);

  // Both periods together.
  Window recent() const;
  // Frames a second lately. 0: too few frames to tell.
  double rate() const;
};

// The speakers of a shard. The table has a fixed size, so a new speaker may need the place of another. An attacker can
// invent any number of speakers; these rules prevent that the rogue or a real router disappears behind them.
//
// - The table is divided into sets of kWays places. A hash of the key selects the set.
// - A speaker that has proved the key (KeyProof) has a protected place.
// - A new speaker takes a free place of its set. If there is none, it takes a place that is not protected: that of a
//   speaker which was never odd (`last_odd`), or else of the one that was odd longest ago; among equals, that of the
//   longest silent one. So thousands of masters in good order do not push out the one rogue.
// - At most kKeep places of a set are protected, so there is always room for a sender without the key. If another
//   speaker proves the key, one that has proved no more than it loses its protection.
// - At most kKeepByOld of these are protected by kOld. An attacker can replay a recorded frame from many MACs, but this
//   takes no place from a sender with the key, and not the last place from a sender without it.
//
// The watch costs memory and time. So it sees at most kWatchRate frames a second of senders with the key, and as many
// of the others. At most kWatchProbeRate ICVs a second are computed for the watch alone: to learn whether the sender of
// a frame that is refused by its number has the key.
//
// Thread: owning lcore; the constructor: any. Never allocates after it.
class Watch {
 public:
  static constexpr size_t kWays = 8;
  static constexpr size_t kKeep = kWays - 2;  // two unprotected places: a speaker needs one before it proves the key
  static constexpr size_t kKeepByOld = kWays / 2;
  static constexpr size_t kPlaces = kMaxSpeakers;

  Watch();

  // How many frames of one burst the watch sees, and how many ICVs are computed for it. Frames with a right ICV have a
  // share of their own, so that a flood without the key cannot use it up.
  struct Grant {
    size_t authentic = 0;
    size_t others = 0;
    size_t probes = 0;
  };
  Grant GrantFor(size_t frames, Instant now);
  void GiveBack(const Grant& unused);

  // Notes how a frame ended; kNone: accepted. `router` is the virtual router that it was sent to; null: not known. A
  // frame without VRRP is ignored. In an AH frame the header fields that the ICV does not cover may be zero already.
  void See(const Frame& frame, const VirtualRouter* router, DropReason end, Remarks remarks, IcvVerdict icv,
           Instant now);

  // Copies the speakers in the `count` places from `first` on to `out`. Returns how many speakers these are.
  size_t Read(size_t first, size_t count, Speaker* out) const;

  uint64_t crowded_out() const { return crowded_out_; }  // speakers that lost their place to a new one

 private:
  // A limit of so many a second. After a silence at most one second's worth is available at once.
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
