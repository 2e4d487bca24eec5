// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/diff.h"
#include "config/model.h"
#include "control/compose/configurator.h"
#include "control/compose/desk.h"
#include "control/compose/lifecycle.h"
#include "control/compose/orders.h"
#include "control/compose/parts.h"
#include "control/control_time.h"
#include "control/port_keeper.h"
#include "pipeline/messages/event.h"
#include "pipeline/shard.h"

namespace dpvrrp {

// The control thread's mind: brings configuration, lcores, kernel addresses and operators together. Pure: inputs are
// the calls below, output is the outbox (and Services, for what must be answered at once).
//
// Thread: control.
class Controller {
 public:
  Controller(Services& services, std::vector<PortBinding> ports, std::vector<const ShardCounters*> shards,
             std::string icv_engine, ControlTime start);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // Starts every instance of `config` and clears away the addresses that a crashed run left. An instance that cannot be
  // set up (no such device, no room for its sequence numbers) is logged, shown and tried again; the others start.
  void Start(Config config, ControlTime t);
  // Takes what differs into force; also tries again what could not be set up before. On errors in the file nothing
  // changes. The text says what was done, or why not; FailedPrecondition also if an instance could not be set up.
  absl::StatusOr<std::string> Reload(ControlTime t);
  // Every master resigns, every VIP is removed. Done when Finished().
  void Shutdown(ControlTime t);
  bool Finished() const;
  // What the next run must know when this one has finished; empty: it does not continue this one.
  std::string handover() const { return parts_.handover.Text(); }
  Instant handover_end() const { return parts_.handover.End(); }
  bool IsStopping() const { return parts_.apply.IsShuttingDown(); }

  void OnShardEvent(const ShardEvent& event, ControlTime t);
  void OnHostReply(const HostReply& reply, ControlTime t);
  void OnHostEvent(const HostEvent& event, ControlTime t);
  void OnProgramReply(const ProgramReply& reply, ControlTime t);
  void OnAgentNews(const AgentNews& news, ControlTime t);
  void OnPortNews(const PortNews& news, ControlTime t);
  // One line from a requester; the answer comes through the outbox, at once or when the lcore has answered.
  void OnCommand(RequesterId from, const std::string& line, ControlTime t);
  void OnRequesterGone(RequesterId requester);
  void OnTime(ControlTime t);
  // Tells the lcores UTC if they do not have it right, and looks whether they run. Call every second or so, and when
  // the wall clock was set.
  void OnClock(ControlTime t);
  // Whether a worker did not turn at the last OnClock().
  bool HasStalledWorker() const { return has_stalled_worker_; }
  // The disk has the instances' records of this generation (Outbox::write_records), or has refused to take them.
  void OnRecordsWritten(uint64_t generation);
  // What has happened to the state on the disk; for the event log.
  void OnStateNews(bool bad, std::string text, ControlTime t);
  Instant NextDeadline() const;

  Outbox& outbox() { return parts_.outbox; }
  // One more part is driven from now on. It must outlive this object.
  void AddPart(Part& part) { parts_.all.Add(part); }

  // For commands and reports: what there is, and what an operator may change.
  View& view() const { return parts_; }
  Orders& orders() { return orders_; }

  const Registry::Instances& instances() const { return parts_.registry.instances(); }
  ManagedInstance* FindInstance(const std::string& name) { return parts_.registry.Find(name); }
  const NotStarted& not_started() const { return parts_.apply.not_started(); }
  const EventLog& events() const { return parts_.journal.events(); }

 private:
  void On(const event::Answered& event, ControlTime t);
  void On(const event::Watched& event, ControlTime t);
  void On(const event::Retired& event, ControlTime t);
  void On(const event::Replaced& event, ControlTime t);
  template <typename Kind>
  void On(const Kind& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::Transition& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::Ready& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::Rejected& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::Remarked& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::NumbersLow& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::NumbersWanted& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::Conflict& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::Probed& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::OtherMaster& event, ControlTime t);
  void OnInstance(ManagedInstance& instance, const event::Overslept& event, ControlTime t);
  void AnnounceFollowersOf(const ManagedInstance& leader, ControlTime t);
  void SetPortLink(PortBinding& port, bool up, ControlTime t);
  void SetPortMac(PortBinding& port, const MacAddress& mac, ControlTime t);
  // Passes what the parts have for one another, and fills the outbox.
  void Settle(ControlTime t);

  Parts parts_;
  Lifecycle lifecycle_{parts_};
  Orders orders_{parts_, lifecycle_};
  Configurator configurator_{parts_, lifecycle_, orders_};
  Desk desk_{parts_, orders_, configurator_};
  bool has_stalled_worker_ = false;
  std::optional<Nanoseconds> utc_offset_;  // as the lcores have it
};

}  // namespace dpvrrp
