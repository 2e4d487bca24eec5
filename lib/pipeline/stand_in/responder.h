// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/counter.h"
#include "base/limits.h"
#include "base/time.h"
#include "pipeline/frame.h"
#include "pipeline/stand_in/address_book.h"
#include "pipeline/stand_in/frame_queue.h"
#include "pipeline/stand_in/host_frame.h"
#include "pipeline/stand_in/membership.h"
#include "pipeline/stand_in/neighbours.h"
#include "pipeline/timer_wheel.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

// written by: the owning lcore; read by: control, at any time
struct ResponderCounters {
  Counter arp_replies;
  Counter neighbour_advertisements;  // in answer; announcements are counted as such
  Counter echo_replies;              // of both families
  Counter not_ours;                  // questions for an address that no instance has here
  Counter not_master;                // for one of an instance that is not master
  Counter not_accepted;              // echo requests to addresses that are not to be spoken to (RFC 9568 Accept_Mode)
  Counter malformed;
  Counter limited;     // not answered, or not looked at: more than a second may have (base/limits.h)
  Counter queue_full;  // not answered: kMaxReadyFrames wait to be sent
  Counter peer_questions;
  Counter group_reports;
};

// Another host claims one of our addresses while we are master, or asks whether the address is free. router
// null: neither.
struct AddressClaim {
  VirtualRouter* router = nullptr;
  IpAddress address;
  MacAddress mac;
  bool is_probe = false;  // it only asks (RFC 5227 2.1.1, RFC 4862 5.4.2), and has not taken the address
};

// So many a second, and a tenth of them at once.
class RateLimit {
 public:
  explicit constexpr RateLimit(int64_t per_second)
      : price_(Nanoseconds(std::chrono::seconds(1)) / per_second), credit_(price_ * (per_second / 10)) {}
  bool Pay(Instant now) {
    const Instant paid = std::max(paid_until_, now) + price_;
    if (paid - now > credit_) return false;
    paid_until_ = paid;
    return true;
  }

 private:
  Nanoseconds price_;
  Nanoseconds credit_;
  Instant paid_until_{};
};

// A lcore's virtual routers as hosts of their segments, where no kernel sees the port's traffic:
//
//   as master    answers ARP (V3-80, V3-121), neighbour solicitations (V3-82, V3-128), and if it accepts packets to its
//                addresses or owns them echo requests (V3-86), all from config.source_mac; what is sent to former_mac
//                too
//   otherwise    answers nothing for them (V3-54, V3-60, V3-61, V3-64)
//   unicast      answers for its own address too, at the port's MAC, unless in Initialize; finds its peers
//   (neighbours.h) in all       is a member of its groups (membership.h)
//
//   kernel       where a kernel answers for the addresses: only watches for other hosts' claims to them (RFC 5227 2.4)
//
// Takes in, of the routers with `responder` or unicast peers, every frame that is not VRRP; of those that only report
// their group, queries for groups; of all that do not answer, what might claim an address. What others can make it do
// is limited (base/limits.h): answers, peers' addresses learned, queries, each of which may concern every instance of a
// segment. Answers wait in a queue that adverts overtake.
//
// Thread: owning lcore; counters: any.
class Responder {
 public:
  Responder(Instant start, ResponderCounters& counters);

  // `router` has been added, in Initialize; is to be removed, in Initialize again; has changed its state.
  void Add(VirtualRouter& router);
  void Remove(VirtualRouter& router);
  void OnStateChange(VirtualRouter& router, Instant now);
  // `router` is about to take over the configuration of `wanted`: the host sides change places. Groups that both are
  // members of are neither left nor joined. OnStateChange() has to follow when the router has the new configuration.
  void ExchangeHostSide(VirtualRouter& router, VirtualRouter& wanted, Instant now);
  void OnMacChange(VirtualRouter& router);  // config.source_mac is another: no host is to learn the old one any more

  // Whether Receive has anything to look for in a frame that is not VRRP. Where nothing is to be answered that is
  // queries for groups, which are sent to groups, and what might claim an address.
  bool Wants(const Frame& frame) const {
    if (hosts_ > 0) return true;
    if (reporters_ > 0 && (frame.data[0] & 1) != 0 && frame.data[0] != 0xff) return true;
    return reporters_ + watchers_ > 0 && MightClaimAddress(frame);
  }
  AddressClaim Receive(const Frame& frame, Instant now);
  // Whether the frame of the last Receive() was a question that is the responder's to answer, so no kernel may answer
  // it too. The responder may have refused it: too many a second, or an address that does not accept packets.
  bool took() const { return took_; }
  // Runs its timers and sends what is ready.
  void Transmit(TxBurst& burst, Instant now);
  // Until then Transmit has nothing to do, unless a frame arrives or a state changes.
  Instant NextDeadline() const { return queue_.empty() ? wheel_.NextCheck() : Instant::min(); }

 private:
  AddressClaim OnArp(const HostFrame& frame, Instant now);
  AddressClaim OnNd(const HostFrame& frame, Instant now);
  void OnEcho(const HostFrame& frame, Instant now);
  AddressClaim Probed(const HostFrame& frame, const IpAddress& address, const MacAddress& mac) const;
  AddressClaim Heard(const HostFrame& frame, const IpAddress& address, const MacAddress& mac, const IpAddress& to,
                     Instant now, bool overrides = true);
  struct Answerer {
    const VirtualRouter* router = nullptr;
    MacAddress mac;
    bool is_virtual = false;

    const VirtualRouter* OfVirtual() const { return is_virtual ? router : nullptr; }
  };
  Answerer WhoAnswers(const HostFrame& frame, const IpAddress& address);
  uint8_t* Room(Instant now);
  bool active() const { return hosts_ > 0; }  // a router wants every frame that is not VRRP
  size_t& CountOf(const VirtualRouter& router);

  ResponderCounters& counters_;
  bool took_ = false;
  size_t hosts_ = 0;      // routers that answer, or look for their peers
  size_t reporters_ = 0;  // the others that report groups
  size_t watchers_ = 0;   // the others
  AddressBook book_;
  FrameQueue queue_;
  TimerWheel wheel_;
  Neighbours neighbours_;
  Membership membership_;
  RateLimit answers_{kResponsesPerSecond};
  RateLimit lessons_{kLessonsPerSecond};
  RateLimit queries_{kQueriesPerSecond};
};

}  // namespace dpvrrp
