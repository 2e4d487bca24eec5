// SPDX-License-Identifier: BSD-3-Clause
//
// The environment of one part of control, without a controller, an lcore or a clock.
#pragma once

#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/instances/registry.h"
#include "control/instances/router_builder.h"
#include "control/journal/journal.h"
#include "control/outbox.h"
#include "control/part.h"
#include "unit/control/fake_services.h"

namespace dpvrrp {

// A command of this kind with any fields.
template <typename Kind>
auto IsCommand() {
  return testing::VariantWith<Kind>(testing::_);
}

class PartDesk {
 public:
  PartContext Context() { return {registry, outbox, journal, services}; }
  ControlTime Time() const { return {now, 1'700'000'000'000 + now.time_since_epoch() / std::chrono::milliseconds(1)}; }

  // An instance of the registry, as if an lcore had its router.
  ManagedInstance& Add(InstanceConfig config, State state = State::kBackup) {
    ManagedInstance instance;
    instance.id = registry.NextId();
    instance.port = registry.FindPort(config.port)->id;
    RouterParts parts{
        .id = instance.id, .port = instance.port, .port_mac = {}, .record = &records_of_lcores_[config.name]};
    routers_.push_back(*BuildRouter(config, std::move(parts)));
    instance.router = routers_.back().get();
    instance.priority = config.priority;
    instance.state = state;
    instance.config = std::move(config);
    return registry.Add(std::move(instance));
  }

  // The commands in the outbox, which is empty afterwards.
  std::vector<ShardCommand> TakeCommands() {
    const std::deque<ShardCommand> commands = std::exchange(outbox.shard, {});
    return {commands.begin(), commands.end()};
  }
  // The texts of the events of this kind, oldest first.
  std::vector<std::string> Recorded(const std::string& kind) const {
    std::vector<std::string> texts;
    for (const LogEvent& event : journal.events().events()) {
      if (event.kind == kind) texts.push_back(event.text);
    }
    return texts;
  }

  FakeServices services;
  Outbox outbox;
  Journal journal{outbox};
  Registry registry{{{.name = "lan", .id = PortId(0), .mac = MacAddress{{2, 0, 0, 0, 0, 0x0b}}, .interfaces = {"eth0"}},
                     {.name = "wan", .id = PortId(1), .mac = MacAddress{{2, 0, 0, 0, 0, 0x0c}}, .workers = {2, 3}}}};
  Instant now = Instant{} + std::chrono::hours(1);

 private:
  std::map<std::string, SequenceRecord> records_of_lcores_;
  std::vector<std::unique_ptr<VirtualRouter>> routers_;
};

}  // namespace dpvrrp
