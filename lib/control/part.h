// SPDX-License-Identifier: BSD-3-Clause
//
// A part of control owns one subject: addresses, keys, sequence numbers. A part knows the registry of instances, the
// outbox, the journal and the services, and no other part. If a part must cause something in another one, it returns a
// value, and the controller passes the value on.
//
// Pure: time is an argument. Thread: control.
#pragma once

#include <algorithm>
#include <vector>

#include "base/time.h"
#include "base/types.h"
#include "control/control_time.h"

namespace dpvrrp {

class Journal;
class Registry;
class Services;
struct Outbox;

// What every part may use. All of it outlives the parts.
struct PartContext {
  Registry& registry;
  Outbox& outbox;
  Journal& journal;
  Services& services;
};

// A part overrides what concerns it.
class Part {
 public:
  virtual ~Part() = default;

  // Does what is due. A result that concerns another part stays in this part until the controller takes it.
  virtual void OnTime(ControlTime /*t*/) {}
  // When OnTime() is to be called next. kNever: nothing is due.
  virtual Instant NextDeadline() const { return kNever; }
  // The instance does not exist any more. What the part has of it is released.
  virtual void Forget(InstanceId /*id*/) {}
};

// The parts that the controller drives, in the order in which they act at one instant.
class PartList {
 public:
  // The part must outlive this list.
  void Add(Part& part) { parts_.push_back(&part); }

  void OnTime(ControlTime t) const {
    for (Part* part : parts_) part->OnTime(t);
  }

  Instant NextDeadline() const {
    Instant next = kNever;
    for (const Part* part : parts_) next = std::min(next, part->NextDeadline());
    return next;
  }

  void Forget(InstanceId id) const {
    for (Part* part : parts_) part->Forget(id);
  }

 private:
  std::vector<Part*> parts_;
};

}  // namespace dpvrrp
