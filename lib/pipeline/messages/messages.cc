// SPDX-License-Identifier: BSD-3-Clause
#include <memory>

#include "pipeline/messages/command.h"
#include "pipeline/messages/event.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

VirtualRouter* RouterOf(const ShardCommand& command) {
  return std::visit(
      [](const auto& c) -> VirtualRouter* {
        if constexpr (requires { c.router; }) return c.router;
        return nullptr;
      },
      command);
}

bool Release(const ShardCommand& command) {
  if (const auto* add = std::get_if<command::Add>(&command)) {
    std::unique_ptr<VirtualRouter>{add->router}.reset();
    return true;
  }
  if (const auto* replace = std::get_if<command::Replace>(&command)) {
    std::unique_ptr<VirtualRouter>{replace->wanted}.reset();
    return true;
  }
  return false;
}

bool Release(const ShardEvent& event) {
  VirtualRouter* router = nullptr;
  if (const auto* retired = std::get_if<event::Retired>(&event)) router = retired->router;
  if (const auto* replaced = std::get_if<event::Replaced>(&event)) router = replaced->router;
  std::unique_ptr<VirtualRouter>{router}.reset();
  return router != nullptr;
}

}  // namespace dpvrrp
