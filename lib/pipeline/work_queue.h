// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "pipeline/virtual_router.h"

namespace dpvrrp {

// First in, first out, through a link inside the virtual router: no allocation, no bound to hit, each router at most
// once.
//
// Thread: one lcore.
template <VirtualRouter::Link VirtualRouter::*kLink>
class WorkQueue {
 public:
  void Push(VirtualRouter& router) {
    VirtualRouter::Link& link = router.*kLink;
    if (link.queued) return;
    link = {nullptr, true};
    (head_ == nullptr ? head_ : (tail_->*kLink).next) = &router;
    tail_ = &router;
  }
  VirtualRouter* front() const { return head_; }
  void PopFront() {  // requires front() != nullptr
    VirtualRouter::Link& link = head_->*kLink;
    head_ = link.next;
    link = {};
  }

 private:
  VirtualRouter* head_ = nullptr;
  VirtualRouter* tail_ = nullptr;  // meaningful only if head_ is set
};

}  // namespace dpvrrp
