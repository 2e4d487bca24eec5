// SPDX-License-Identifier: BSD-3-Clause
//
// What the control thread reports: one small struct for each kind of occurrence, and one table of them. The event log,
// its JSON, the program's log, and later notify scripts and metrics are renderings of these structs.
//
// A new occurrence is a struct with `Text()` in occurrences.h, a row in DPVRRP_OCCURRENCES, and an example in
// occurrence_test.cc, which fails for a row without one. The kind is an interface: scripts select events by it.
//
// Thread: any (values).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "control/journal/occurrences.h"
#include "control/journal/severity.h"

// Struct, kind, severity, what has happened. A struct with a member `OwnSeverity()` decides the severity itself.
#define DPVRRP_OCCURRENCES(X)                                                                              \
  /* A virtual router. */                                                                                  \
  X(Transitioned, "transition", kNotice, "a virtual router changed its state")                             \
  X(InstanceStarted, "instance", kNotice, "an instance that could not be started before has started")      \
  X(InstanceNotStarted, "instance", kError, "an instance cannot be started")                               \
  X(InstanceRemoved, "instance", kInfo, "an lcore has handed an instance back")                            \
  X(PriorityChanged, "priority", kNotice, "the priority of an instance changed")                           \
  X(OrderedToResign, "operator", kNotice, "an operator ordered a master to resign")                        \
  X(OrderedToTakeOver, "operator", kNotice, "an operator ordered a backup to take over")                   \
  X(OperatorCommand, "operator", kNotice, "a client of the control socket gave an order")                  \
  X(Drained, "drain", kNotice, "the masters of this gateway are handed over to its peers")                 \
  /* Frames. */                                                                                            \
  X(FrameRejected, "rejected", kWarning, "a frame for an instance was rejected")                           \
  X(FrameRemarked, "remark", kWarning, "an accepted advert has an unusual property")                       \
  X(NoticesLeftOut, "rejected", kWarning, "notices of frames were not recorded, because there were many")  \
  /* Addresses. */                                                                                         \
  X(AddressAdded, "address", kInfo, "the kernel has added a virtual address")                              \
  X(AddressRemoved, "address", kInfo, "the kernel has removed a virtual address")                          \
  X(AddressFailed, "address", kError, "the kernel refused a change of a virtual address")                  \
  X(AnnouncementFailed, "address", kError, "an address was not announced on its device")                   \
  X(AddressForeign, "address", kWarning, "another program had added a virtual address before")             \
  X(AddressPutBack, "address", kWarning, "another program removed a virtual address")                      \
  X(AddressPutBehind, "address", kInfo, "a virtual address was placed behind an own address of this host") \
  X(AddressUnreachable, "address", kWarning, "a virtual address is programmed and serves no host")         \
  X(AddressReachable, "address", kNotice, "a virtual address serves hosts again")                          \
  X(AddressLeftOver, "address", kWarning, "an address of an earlier run was removed")                      \
  X(AddressesNotListed, "address", kError, "the kernel did not list its addresses")                        \
  X(KernelNewsLost, "address", kWarning, "the kernel dropped notifications")                               \
  X(AddressesMissing, "address", kError, "a master cannot hold an address and stays master")               \
  X(GaveWay, "address", kError, "a master cannot hold an address and gives way")                           \
  X(HoldIsOver, "address", kNotice, "an instance that gave way may become master again")                   \
  X(AddressesHeldAgain, "address", kNotice, "a master holds all its addresses again")                      \
  X(DeviceRestored, "address", kWarning, "a virtual-MAC device was removed and has been made again")       \
  X(DeviceNotRestored, "address", kError, "a virtual-MAC device was removed and cannot be made again")     \
  X(DeviceNotPrepared, "address", kWarning, "a device cannot be prepared for virtual addresses")           \
  /* Routes and rules. */                                                                                  \
  X(RoutingAdded, "route", kInfo, "the kernel has added a route or rule")                                  \
  X(RoutingRemoved, "route", kInfo, "the kernel has removed a route or rule")                              \
  X(RoutingFailed, "route", kError, "the kernel refused a change of a route or rule")                      \
  X(RoutingForeign, "route", kWarning, "another program has a route or rule in the same place")            \
  X(RoutingPutBack, "route", kWarning, "a route or rule was removed while it was needed")                  \
  X(RoutingLeftOver, "route", kWarning, "a route or rule that no instance needs was removed")              \
  X(RoutingNotListed, "route", kError, "the kernel did not list its routes and rules")                     \
  /* What hosts may have learned. */                                                                       \
  X(OtherMasterHeard, "announce", kWarning, "another router was master at the same time")                  \
  X(AdvertLate, "announce", kWarning, "an advert of ours was late")                                        \
  X(MachineSuspended, "announce", kWarning, "the machine may have been suspended")                         \
  X(AddressClaimed, "conflict", kWarning, "another host claims a virtual address while we are master")     \
  X(AddressProbed, "probe", kInfo, "another host asks whether a virtual address is free")                  \
  /* The configuration. */                                                                                 \
  X(DaemonStarted, "daemon", kNotice, "the daemon has started its instances")                              \
  X(DaemonStopping, "daemon", kNotice, "the daemon stops")                                                 \
  X(HandoverBegan, "daemon", kNotice, "the daemon stops, and the next run continues as master")            \
  X(HandoverTaken, "daemon", kNotice, "the daemon continues as master what the last run handed over")      \
  X(HandoverIgnored, "daemon", kWarning, "what the last run handed over cannot be used")                   \
  X(FollowersMoved, "group", kNotice, "the followers of an instance are master, or are backup")            \
  X(Reloaded, "reload", kNotice, "a configuration file was brought into force")                            \
  X(ReloadRefused, "reload", kError, "a configuration file was refused")                                   \
  X(ChangedInPlace, "reload", kNotice, "a running instance has other settings")                            \
  X(NotReplaced, "reload", kError, "a running instance cannot have its settings")                          \
  X(RingChanged, "keys", kNotice, "an operator changed a keyring")                                         \
  X(KeyAcceptance, "keys", kNotice, "the validity period of a key has begun or ended")                     \
  X(KeySignsOutOfTime, "keys", kWarning, "a key signs outside its validity period")                        \
  X(SenderBlocked, "sender", kNotice, "a sender is blocked")                                               \
  X(SenderUnblocked, "sender", kNotice, "a sender is no longer blocked")                                   \
  X(SenderNotBlocked, "sender", kError, "a sender of the configuration cannot be blocked")                 \
  X(AllowListChanged, "sender", kNotice, "an operator changed the allow-list of an instance")              \
  X(VridMoveBegan, "vrid", kNotice, "an instance begins to move to another VRID")                          \
  X(VridMoved, "vrid", kNotice, "an instance has moved to another VRID")                                   \
  X(VridMoveAborted, "vrid", kNotice, "an instance stays at its VRID")                                     \
  X(VridNumbersNotKept, "vrid", kError, "the sequence numbers of a VRID cannot be recorded")               \
  /* Sequence numbers, and the state on the disk. */                                                       \
  X(ClockBehindRecord, "sequence", kWarning, "the clock is behind the time of a record")                   \
  X(NumbersCaughtUp, "sequence", kInfo, "the sequence numbers follow the group after an absence")          \
  X(NumbersLow, "sequence", kWarning, "the sequence numbers of an instance are nearly used up")            \
  X(StateFailed, "state", kError, "the state on the disk is not as it should be")                          \
  X(StateRecovered, "state", kNotice, "the state on the disk is as it should be again")                    \
  /* This machine. */                                                                                      \
  X(ClockSet, "clock", kWarning, "the wall clock was set")                                                 \
  X(PortUp, "port", kNotice, "the link of a port is up")                                                   \
  X(PortDown, "port", kWarning, "a port is down")                                                          \
  X(PortStopped, "port", kWarning, "an operator has stopped a port")                                       \
  X(PortStarted, "port", kNotice, "an operator has started a port again")                                  \
  X(PortOpened, "port", kNotice, "a port was opened")                                                      \
  X(PortNotOpened, "port", kError, "a port cannot be opened")                                              \
  X(ProgramFailed, "notify", kWarning, "a notify program failed")                                          \
  X(AgentTroubled, "agent", kError, "the agent ended, or a FIFO takes no lines")                           \
  X(AgentWell, "agent", kNotice, "the agent runs again, or a FIFO takes lines again")                      \
  X(TrackChanged, "track", kNotice, "the value of a track changed")                                        \
  X(TrackNotKept, "track", kError, "the value of a manual track will not be kept over a restart")          \
  X(PortMacChanged, "port", kNotice, "the MAC address of a port changed")                                  \
  X(WorkerStalled, "worker", kError, "a worker lcore does not run")                                        \
  X(WorkerRunsAgain, "worker", kWarning, "a worker lcore runs again")                                      \
  /* What the rogue watch found (control/rogues). */                                                       \
  X(RogueFound, "rogue", kWarning, "a sender misbehaves")                                                  \
  X(RogueOver, "rogue", kNotice, "a sender no longer misbehaves")                                          \
  X(RoguesLeftOut, "rogue", kWarning, "findings were not recorded, because there were many")               \
  X(FaultFound, "diagnosis", kWarning, "a fault of ours or of the network was found")                      \
  X(FaultOver, "diagnosis", kNotice, "a fault of ours or of the network is over")

namespace dpvrrp {
namespace internal {
template <typename, typename... T>
using VariantOf = std::variant<T...>;
}  // namespace internal

#define X(type, kind, severity, meaning) , occurrence::type
using Occurrence = internal::VariantOf<void DPVRRP_OCCURRENCES(X)>;
#undef X

inline constexpr size_t kOccurrenceCount = std::variant_size_v<Occurrence>;

struct OccurrenceInfo {
  absl::string_view name;  // of the struct
  absl::string_view kind;  // one word for scripts
  Severity severity;
  absl::string_view meaning;
};

// One row for each struct, in the order of the variant.
const std::array<OccurrenceInfo, kOccurrenceCount>& AllOccurrences();
inline const OccurrenceInfo& InfoOf(const Occurrence& what) { return AllOccurrences()[what.index()]; }

Severity SeverityOf(const Occurrence& what);
// One line for people. It does not repeat the instance.
std::string TextOf(const Occurrence& what);
// What the occurrence has in common with others of its kind. The log summarises by it (log_digest.h). May be empty.
std::string CauseOf(const Occurrence& what);

}  // namespace dpvrrp
