// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/port_interface.h"
#include "base/time.h"
#include "base/types.h"
#include "host/host.h"

namespace dpvrrp {

// What the keeper asks of the data plane. The daemon's is DPDK, a test's lies in memory.
//
// Thread: control. No call waits.
class PortDevices {
 public:
  virtual ~PortDevices() = default;

  virtual bool HasLink(PortId port) = 0;  // what the driver says, of an open port
  // Closing has two steps, because workers are never waited for. After Quiesce() each worker leaves the port alone from
  // its next turn on; IsQuiet() once all have.
  virtual void Quiesce(PortId port) = 0;
  virtual bool IsQuiet(PortId port) = 0;
  virtual void Close(PortId port) = 0;  // a quiet one
  struct Opened {
    MacAddress mac;
    uint32_t ifindex = 0;  // of the interface that it stands on; 0: unknown
  };
  // Opens a closed port, with the arguments of the configuration; the workers serve it from their next turn on.
  virtual absl::StatusOr<Opened> Open(PortId port) = 0;
};

// Something about a port has changed.
struct PortNews {
  enum class Kind : uint8_t {
    kUp,
    kDown,        // text: why ("interface eth0 was removed"). Also if the reason is another one now
    kMacChanged,  // mac
    kOpened,      // text: "opened again on interface eth0"
    kCannotOpen,  // text: the error; it is tried again. Once for each different error
  };
  Kind kind = Kind::kDown;
  PortId port{};
  std::string text;
  MacAddress mac{};
};

// Makes ports follow the kernel interfaces that they stand on (base/port_interface.h).
//
//              interface lost            workers have left
//     open ----------------------> closing ------------> closed
//      ^                                                   |
//      +---------------------------------------------------+
//            an interface of that name is there, and could be opened
//
// A port is up while it is open, every interface is set up and has carrier, and the driver says so too. An interface is
// lost when no device has its name any more, or another device has: one that was deleted and made again, renamed to
// that name, or moved into this network namespace. The sockets of the old one are dead, so the port is opened again.
// A port on packet sockets is closed, too, while its interface is administratively down: what the driver has taken to
// send by then would leave when the interface is up again, an advert of a master that there is no more.
//
// Thread: control. Pure: `now` and links come in.
class PortKeeper {
 public:
  // What cannot be opened is tried again after this, then after twice the time, and so on up to the longest.
  static constexpr Nanoseconds kOpenAgain = std::chrono::seconds(1);
  static constexpr Nanoseconds kLongestOpenAgain = std::chrono::seconds(60);
  static constexpr Nanoseconds kQuietCheck = std::chrono::milliseconds(1);

  struct Port {
    PortId id;
    PortInterfaces interfaces;
    // As the data plane has opened it; none: its interface was missing.
    std::optional<PortDevices::Opened> opened;
    std::string twin = "";  // the kernel interface whose MAC the port has; empty: none, see `interfaces`
  };
  // The device of a name, or null (NetlinkHost::FindKnownLink).
  using FindLink = std::function<const KnownLink*(absl::string_view)>;

  // Ports begin as up, until Look() says otherwise: as a shard assumes.
  PortKeeper(PortDevices& devices, FindLink find_link, std::vector<Port> ports);

  // Call it when a link may have changed, and at NextLook().
  std::vector<PortNews> Look(Instant now);
  Instant NextLook() const { return next_look_; }

  struct Status {
    bool open = false;
    bool up = true;
    std::string reason;  // why it is down; empty while up
    MacAddress mac{};    // zero until it was opened
  };
  const Status& status(PortId port) const;

 private:
  enum class Stage : uint8_t { kOpen, kClosing, kClosed };
  struct Kept {
    Port port;
    Stage stage = Stage::kOpen;
    std::vector<uint64_t> bound;  // by interface: the appearance that the device is bound to; 0: not seen yet
    bool was_open = false;        // ever
    Instant open_at = kNever;     // not before
    Nanoseconds backoff{0};       // before the next try, if the last one failed
    std::string error;            // of the last try to open it
    Status status;
  };

  void FollowInterfaces(Kept& kept, Instant now, std::vector<PortNews>& out);
  bool IsLost(Kept& kept);
  bool CanOpen(const Kept& kept) const;
  void Open(Kept& kept, Instant now, std::vector<PortNews>& out);
  void FollowMac(Kept& kept, std::vector<PortNews>& out);
  void FollowState(Kept& kept, std::vector<PortNews>& out);
  std::string WhyDown(const Kept& kept);

  PortDevices& devices_;
  FindLink find_link_;
  std::vector<Kept> ports_;
  Instant next_look_ = kNever;
};

}  // namespace dpvrrp
