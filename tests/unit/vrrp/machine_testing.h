// SPDX-License-Identifier: BSD-3-Clause
//
// A machine and its clock.
#pragma once

#include <gtest/gtest.h>

#include "vrrp/machine.h"

namespace dpvrrp {

using namespace std::chrono_literals;

inline constexpr Instant kStart{1000s};
inline constexpr IpAddress kOwnAddress = IpAddress::V4(0x0a630002);      // 10.99.0.2
inline constexpr IpAddress kLowerAddress = IpAddress::V4(0x0a630001);    // 10.99.0.1
inline constexpr IpAddress kGreaterAddress = IpAddress::V4(0xc0a80001);  // 192.168.0.1: greater only if unsigned
inline constexpr Nanoseconds kSkew = 609375us;                           // of priority 100
inline constexpr Nanoseconds kDown = 3609375us;                          // at 1 s

struct TestMachine {
  MachineConfig config{.source = kOwnAddress};  // VRRPv2, priority 100, 1 s, preempt
  Machine machine{};
  Instant now = kStart;

  Actions Do(const Event& event) { return Step(config, machine, event, now); }
  Actions Hear(int priority, IpAddress source = kLowerAddress) {
    return Do(AdvertReceived{Priority(static_cast<uint8_t>(priority)), source});
  }
  // Changes the running machine's configuration.
  template <typename Change>
  Actions Reconfigure(Change change, bool advertise = false) {
    const MachineConfig before = config;
    change(config);
    return Do(Reconfigured{before, advertise});
  }
  Actions SetPriority(int priority) {
    return Reconfigure([&](MachineConfig& c) { c.priority = Priority(static_cast<uint8_t>(priority)); });
  }
  Actions At(Instant at, const Event& event) {
    now = at;
    return Do(event);
  }
};

inline bool Nothing(const Actions& a) { return !a.send_advert.has_value() && !a.state_change.has_value(); }
inline bool Sends(const Actions& a, int priority) {
  return a.send_advert == std::optional(Priority(static_cast<uint8_t>(priority)));
}
inline bool Goes(const Actions& a, State from, State to) {
  return a.state_change.has_value() && a.state_change->from == from && a.state_change->to == to;
}

inline TestMachine Backup(MachineConfig config = {.source = kOwnAddress}) {
  TestMachine m{.config = config};
  EXPECT_TRUE(Goes(m.Do(Startup{}), State::kInitialize, State::kBackup));
  return m;
}

inline TestMachine Master(MachineConfig config = {.source = kOwnAddress}) {
  TestMachine m = Backup(config);
  EXPECT_TRUE(Goes(m.At(m.machine.deadline, TimerExpired{}), State::kBackup, State::kMaster));
  return m;
}

}  // namespace dpvrrp
