// SPDX-License-Identifier: BSD-3-Clause
//
// All parts of control. A part does not know the others; the files of control/compose/ and the controller pass values
// between them. Commands and reports read the parts through `View`.
//
// Thread: control.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "control/addresses/addresses.h"
#include "control/apply/apply.h"
#include "control/drain/drain.h"
#include "control/groups/followers.h"
#include "control/groups/groups.h"
#include "control/handover/handover.h"
#include "control/instances/registry.h"
#include "control/journal/journal.h"
#include "control/keys/keys.h"
#include "control/monitor/monitor.h"
#include "control/notify/notifier.h"
#include "control/numbers/numbers.h"
#include "control/outbox.h"
#include "control/part.h"
#include "control/priority/priorities.h"
#include "control/questions/questions.h"
#include "control/reports/frame_line.h"
#include "control/reports/trace_report.h"
#include "control/rogues/rogues.h"
#include "control/rogues/worker_watch.h"
#include "control/routes/routes.h"
#include "control/senders/senders.h"
#include "control/services.h"
#include "control/tally/tally.h"
#include "control/tracks/tracks.h"
#include "control/vrid_move/vrid_moves.h"
#include "pipeline/shard.h"

namespace dpvrrp {

struct Parts {
  Parts(Services& services_, std::vector<PortBinding> ports, std::vector<const ShardCounters*> shards_,
        std::string icv_engine_, ControlTime start)
      : services(services_),
        shards(std::move(shards_)),
        registry(std::move(ports)),
        icv_engine(std::move(icv_engine_)),
        started(start) {
    for (Part* part : std::initializer_list<Part*>{
             &journal,   &addresses, &routes,   &apply,   &keys,    &numbers, &moves,   &priorities, &tracks, &groups,
             &followers, &notifier,  &handover, &senders, &workers, &rogues,  &monitor, &questions,  &drain,  &tally}) {
      all.Add(*part);
    }
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  // Null: the instance is being removed, so its lcore must not be asked about it.
  VirtualRouter* RouterOf(InstanceId id) const {
    const ManagedInstance* instance = registry.FindById(id);
    return instance == nullptr || instance->removing ? nullptr : instance->router;
  }
  PartContext Context() { return {registry, outbox, journal, services}; }
  void Send(const ShardCommand& command) { outbox.shard.push_back(command); }

  Services& services;
  std::vector<const ShardCounters*> shards;  // by worker
  Outbox outbox;
  Journal journal{outbox};
  Registry registry;

  Addresses addresses{Context()};
  Routes routes{Context()};
  Apply apply{Context()};
  Keys keys{Context()};
  Numbers numbers{Context()};
  VridMoves moves{Context()};
  Priorities priorities;
  Tracks tracks{Context()};
  Groups groups{Context()};
  Followers followers{Context()};
  Notifier notifier{Context()};
  Handover handover{Context()};
  Senders senders{Context(), shards};
  WorkerWatch workers{Context()};
  Rogues rogues{Context()};
  Monitor monitor{Context(), {FrameAsText, FrameAsJson, FrameResult, TraceAs}};
  Drain drain{Context()};
  Tally tally{Context(), shards, transitions};
  Questions questions{shards.size(), [this](InstanceId id) { return RouterOf(id); }};
  PartList all;  // in the order in which they act at one instant

  // What does not change, and one figure of the run.
  std::string icv_engine;
  ControlTime started;
  uint64_t transitions = 0;  // of all instances
};

using View = const Parts;

}  // namespace dpvrrp
