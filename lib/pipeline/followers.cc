// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/followers.h"

#include <algorithm>

#include "pipeline/virtual_router.h"

namespace dpvrrp {

void FollowerRing::Insert(VirtualRouter& router) {
  if (first_ == nullptr) {
    first_ = &router;
  } else {
    router.group_next = first_;
    router.group_before = first_->group_before;
    router.group_before->group_next = first_->group_before = &router;
  }
  ++count_;
}

void FollowerRing::Remove(VirtualRouter& router) {
  VirtualRouter* const after = router.group_next == &router ? nullptr : router.group_next;
  if (next_ == &router) next_ = after;
  if (first_ == &router) first_ = after;
  router.group_before->group_next = router.group_next;
  router.group_next->group_before = router.group_before;
  router.group_next = router.group_before = &router;
  --count_;
  left_ = std::min(left_, count_);
}

VirtualRouter& FollowerRing::TakeNext() {
  VirtualRouter& router = *next_;
  next_ = router.group_next;
  --left_;
  return router;
}

}  // namespace dpvrrp
