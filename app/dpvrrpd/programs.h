// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "agent/agent_client.h"
#include "base/time.h"
#include "host/program.h"
#include "io/reactor.h"

namespace dpvrrp {

// The agent, as the control thread's loop uses it. Without an agent, every request is answered: not started.
//
// Thread: control.
class Programs {
 public:
  struct Receiver {
    std::function<void(const ProgramReply&)> reply;
    std::function<void(const AgentNews&)> news;
  };

  // `agent` may be null.
  Programs(std::unique_ptr<AgentClient> agent, Reactor& reactor) : agent_(std::move(agent)), reactor_(reactor) {}
  ~Programs();
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  // `orders` are sent when the agent has room again. They must outlive this object.
  absl::Status Watch(std::deque<ProgramOrder>& orders, Receiver receiver);
  // Sends as many as the agent takes now. The others stay.
  void Send();
  // The last orders. The agent carries them out after this process has ended, within `longest`.
  void Finish(Nanoseconds longest);

 private:
  void Take();
  void FollowRoom();

  std::unique_ptr<AgentClient> agent_;
  Reactor& reactor_;
  std::deque<ProgramOrder>* orders_ = nullptr;
  Receiver receiver_;
  bool watches_ = false;
  bool watches_room_ = false;
};

}  // namespace dpvrrp
