// SPDX-License-Identifier: BSD-3-Clause
//
// Measures on the wire what the routers of a LAN do while the generator plays their masters, and how hosts' questions
// are answered. It knows the generator's own frames by Sent(), and the others by Received().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "gen/profile.h"
#include "gen/samples.h"
#include "gen/stream.h"
#include "pipeline/frame.h"
#include "wire/ethernet.h"

namespace dpvrrp {

// A virtual router whose master the generator plays. "The device" is any other sender of adverts for it.
struct GenInstance {
  size_t stream = 0;
  size_t router = 0;
  // Of the generator
  uint64_t sent = 0;
  Instant alive_since = kNever;  // its first advert, also after resume_at; kNever: it is silent
  Instant last_sent{};
  bool resigned = false;  // its last advert had priority 0
  // Of the device
  uint64_t adverts = 0;
  IpAddress device;
  MacAddress device_mac;
  Priority device_priority;
  Nanoseconds device_interval{0};
  Instant last_advert{};
  bool was_master = false;  // it did not give way to the generator, so it cannot take over
  Instant took_at{};
  std::optional<Nanoseconds> took;       // the master's last advert -> the device's first
  std::optional<Nanoseconds> lateness;   // `took` beyond the rule of RFC 3768 6.1 or RFC 9568 6.1
  Instant last_announcement{};           // a gratuitous ARP or NA for one of its addresses
  std::optional<Nanoseconds> announced;  // the device's first advert -> its first announcement, which may be earlier
  uint64_t missed = 0;                   // intervals without an advert of a device that has taken over
  uint64_t false_adverts = 0;            // of a lower rank than a master that sends
  uint64_t false_transitions = 0;        // how often such adverts began
};

// Answers to a question stream.
struct GenAnswers {
  uint64_t asked = 0;
  uint64_t answered = 0;  // each question counts once
};

// Thread: one.
class GenObserver {
 public:
  // `profile` must outlive it. `start`: the time 0 of the profile.
  GenObserver(const GenProfile& profile, Instant start);

  // The port has taken a frame of profile.streams[stream].
  void Sent(size_t stream, const GenWritten& frame, Instant at);
  void Received(const Frame& frame, Instant at);
  // The run is over: counts the intervals for which new masters have been silent since their last advert.
  void Finish(Instant at);

  const std::vector<GenInstance>& instances() const { return instances_; }
  const std::vector<GenAnswers>& answers() const { return answers_; }  // by stream
  const Samples& took() const { return took_; }
  const Samples& lateness() const { return lateness_; }
  const Samples& announced() const { return announced_; }
  const Samples& jitter() const { return jitter_; }  // the time between two adverts beyond the device's interval
  const Samples& answer_times() const { return answer_times_; }
  uint64_t received() const { return received_; }            // frames
  uint64_t adverts() const { return adverts_; }              // of devices, for the virtual routers of the masters
  uint64_t other_adverts() const { return other_adverts_; }  // for others

 private:
  using Segment = std::tuple<VlanStack, Family, Vrid>;
  using Place = std::pair<VlanStack, IpAddress>;
  struct Question {
    size_t stream;
    Instant asked;
    bool open;
  };
  struct SeenAdvert {
    Priority priority;
    IpAddress source;
    MacAddress mac;
    Nanoseconds interval;
  };

  void ReceivedIp(const EthernetFrame& ethernet, std::span<const uint8_t> packet, Instant at);
  void ReceivedAdvert(const EthernetFrame& ethernet, const IpAddress& source, std::span<const uint8_t> message,
                      Instant at);
  void ReceivedArp(const EthernetFrame& ethernet, std::span<const uint8_t> payload, Instant at);
  void ReceivedNd(const EthernetFrame& ethernet, std::span<const uint8_t> packet, Instant at);
  void Announced(const Place& place, Instant at);
  void Answered(const Place& place, Instant at);
  bool DidNotGiveWay(const GenInstance& instance) const;
  void TookOver(GenInstance& instance, const SeenAdvert& advert, Instant at);
  void CompareInterval(GenInstance& instance, const SeenAdvert& advert, Instant at);
  void CheckRank(GenInstance& instance, const SeenAdvert& advert, Instant at);
  bool IsSilent(const GenInstance& instance, Instant at) const;
  const GenStream& StreamOf(const GenInstance& instance) const { return profile_.streams[instance.stream]; }

  const GenProfile& profile_;
  Instant start_;
  std::vector<GenInstance> instances_;
  std::vector<size_t> first_instance_;  // by stream
  std::map<Segment, size_t> by_segment_;
  std::map<Place, size_t> by_address_;
  std::map<Place, Question> questions_;
  std::set<IpAddress> own_;  // the source addresses of masters and of streams that ask
  std::vector<GenAnswers> answers_;
  Samples took_, lateness_, announced_, jitter_, answer_times_;
  uint64_t received_ = 0, adverts_ = 0, other_adverts_ = 0;
};

}  // namespace dpvrrp
