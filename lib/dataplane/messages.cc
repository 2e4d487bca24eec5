// SPDX-License-Identifier: BSD-3-Clause
//
// Dataplane: commands to the workers and events from them.
#include <algorithm>
#include <optional>
#include <variant>

#include "base/check.h"
#include "dataplane/dataplane.h"
#include "dataplane/filters.h"
#include "dataplane/steering.h"
#include "dataplane/worker.h"
#include "pipeline/segment_owner.h"

namespace dpvrrp {
namespace {

// The port that a command names; nothing: it names none.
std::optional<PortId> PortNamedBy(const ShardCommand& command) {
  return std::visit(
      [](const auto& c) -> std::optional<PortId> {
        if constexpr (requires { c.port; }) return c.port;
        return std::nullopt;
      },
      command);
}

}  // namespace

size_t Dataplane::Owner(const VirtualRouter& router) const {
  const PortInfo* port = FindPort(router.port);
  DPVRRP_CHECK(port != nullptr);  // the lcore does not check again: it uses the port as an index
  return port->workers[SegmentOwner(router.vlan, port->workers.size())];
}

bool Dataplane::Flush() {
  bool all = true;
  for (const std::unique_ptr<Worker>& worker : workers_) all &= worker->Flush();
  return all;
}

// Null: the command is for all workers.
Dataplane::Worker* Dataplane::WorkerFor(const ShardCommand& command) {
  if (const auto* query = std::get_if<command::Query>(&command)) {
    const std::vector<VirtualRouter*>& wanted = query->query->wanted;
    DPVRRP_CHECK(!wanted.empty());
    const size_t owner = Owner(*wanted[0]);
    for (const VirtualRouter* router : wanted) DPVRRP_CHECK(Owner(*router) == owner);
    return workers_[owner].get();
  }
  if (const auto* watch = std::get_if<command::ReadWatch>(&command)) return workers_[watch->query->worker].get();
  if (const auto* move = std::get_if<command::MoveFollowers>(&command)) return workers_[move->ring->worker].get();
  if (const auto port = PortNamedBy(command); port.has_value()) DPVRRP_CHECK(FindPort(*port) != nullptr);
  const VirtualRouter* router = RouterOf(command);
  return router == nullptr ? nullptr : workers_[Owner(*router)].get();
}

bool Dataplane::Send(const ShardCommand& command) {
  if (const auto* add = std::get_if<command::Add>(&command)) Steer(*add->router);
  if (Worker* const worker = WorkerFor(command); worker != nullptr) return worker->Send(command);
  return std::all_of(workers_.begin(), workers_.end(), [&](const auto& worker) { return worker->Send(command); });
}

// The first instance of a segment adds the filter. It stays until the port is closed, because the owner of a segment
// never changes. If the port has no room for a segment, its frames are handed over by software.
void Dataplane::Steer(const VirtualRouter& router) {
  const PortInfo* port = FindPort(router.port);
  DPVRRP_CHECK(port != nullptr);
  if (!eal_started_ || port->steering != Steering::kFlow) return;
  const size_t queue = SegmentOwner(router.vlan, port->workers.size());
  if (queue == 0 || queue >= port->rx_queues) return;  // the first queue gets every frame that no filter takes
  if (!steered_.emplace(port->id, router.vlan).second || !port->open) return;
  SteerSegment(port->dpdk, router.vlan, static_cast<uint16_t>(queue));
}

void Dataplane::BeginReceiving() {
  for (const std::unique_ptr<Worker>& worker : workers_) worker->BeginReceiving();
}

size_t Dataplane::TakeFrames(std::span<FrameCopy> out) {
  // Each worker has its share, so that a flood at one does not hide what the others receive.
  const size_t share = out.size() / workers_.size();
  size_t count = 0;
  for (const std::unique_ptr<Worker>& worker : workers_) count += worker->TakeFrames(out.subspan(count, share));
  return count;
}

uint64_t Dataplane::frames_not_shown() const {
  uint64_t lost = 0;
  for (const std::unique_ptr<Worker>& worker : workers_) lost += worker->frames_not_shown();
  return lost;
}

size_t Dataplane::Receive(size_t worker, std::span<ShardEvent> out) {
  const size_t count = workers_[worker]->Receive(out);
  for (const ShardEvent& event : out.first(count)) {
    if (const auto* retired = std::get_if<event::Retired>(&event)) Wanted(*retired->router).Remove(*retired->router);
    if (const auto* replaced = std::get_if<event::Replaced>(&event)) {
      Wanted(*replaced->router).Remove(replaced->router->config);
    }
  }
  return count;
}

}  // namespace dpvrrp
