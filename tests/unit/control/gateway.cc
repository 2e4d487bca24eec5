// SPDX-License-Identifier: BSD-3-Clause
#include "unit/control/gateway.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "pipeline/segment.h"

namespace dpvrrp {
namespace {

std::vector<PortBinding> Ports() {
  std::vector<PortBinding> ports;
  for (size_t i = 0; i < kMaxPorts; ++i) {
    ports.push_back(
        {.name = PortName(i), .id = PortId(static_cast<uint16_t>(i)), .mac = kPortMac, .interfaces = {"eth0"}});
  }
  return ports;
}

}  // namespace

Gateway::Gateway()
    : controller(services, Ports(), {&shard.shard->counters()}, "openssl", ControlTime{kTestStart, 1'700'000'000'000}) {
}

Gateway::~Gateway() {
  host_answers = lcore_runs = true;
  services.refuse = absl::OkStatus();
  for (const HostRequest& request : std::exchange(unanswered, {})) {
    controller.OnHostReply(services.Answer(request), Time());
  }
  controller.Shutdown(Time());
  Turn();
  // The lcore hands over the rest at its next turn, if its event queue was full.
  if (!controller.Finished()) RunFor(10ms);
  DPVRRP_CHECK(controller.instances().empty());  // else routers would leak
}

void Gateway::Turn() {
  for (bool busy = true; busy;) {
    Outbox out = std::exchange(controller.outbox(), Outbox{});
    std::move(out.shard.begin(), out.shard.end(), std::back_inserter(in_ring));
    busy = (lcore_runs && !in_ring.empty()) || !out.host.empty() || out.write_records != 0;
    if (disk_answers) controller.OnRecordsWritten(std::max(out.write_records, std::exchange(unwritten_, 0)));
    unwritten_ = std::max(unwritten_, disk_answers ? 0 : out.write_records);
    for (const ShardCommand& command : lcore_runs ? std::exchange(in_ring, {}) : std::vector<ShardCommand>{}) {
      const bool begins_or_aborts = Is<command::SpeakNextVrid>(command) || Is<command::StopNextVrid>(command);
      if (begins_or_aborts || Is<command::ForgetMac>(command)) moves.push_back(command);
      shard.Apply(command);
    }
    if (lcore_runs) {
      for (Sent& sent : shard.Transmit()) sent_.push_back(std::move(sent));
    }
    for (const HostRequest& request : out.host) {
      if (host_answers) {
        controller.OnHostReply(services.Answer(request), Time());
      } else {
        unanswered.push_back(request);
      }
    }
    std::move(out.programs.begin(), out.programs.end(), std::back_inserter(programs));
    std::move(out.answers.begin(), out.answers.end(), std::back_inserter(answers));
    std::move(out.log.begin(), out.log.end(), std::back_inserter(logged));
    std::array<ShardEvent, 8> events;
    while (const size_t count = lcore_runs ? shard.shard->TakeEvents(events) : 0) {
      busy = true;
      for (size_t i = 0; i < count; ++i) controller.OnShardEvent(events[i], Time());
    }
  }
}

std::vector<Sent> Gateway::RunFor(Nanoseconds time) {
  sent_.clear();
  const Instant end = shard.now + time;
  while (shard.now < end) {
    const Instant lcore = lcore_runs ? shard.shard->NextDeadline() : kNever;
    const Instant next = std::min({end, lcore, controller.NextDeadline()});
    shard.now = std::max(next, shard.now + kTimerTick);
    if (lcore_runs) {
      for (Sent& sent : shard.Transmit()) sent_.push_back(std::move(sent));
    }
    Turn();
    if (controller.NextDeadline() <= shard.now) controller.OnTime(Time());
    Turn();
  }
  return std::exchange(sent_, {});
}

Answer Gateway::Ask(const std::string& line) {
  answers.clear();
  controller.OnCommand(RequesterId(7), line, Time());
  Turn();
  return answers.empty() ? Answer{} : answers.back();
}

std::vector<std::string> Gateway::Logged(absl::string_view kind) const {
  std::vector<std::string> texts;
  for (const LogEvent& event : controller.events().events()) {
    if (event.kind == std::string(kind)) texts.push_back(event.text);
  }
  return texts;
}

std::vector<InstanceConfig> OnVlans(uint16_t vlans) {
  std::vector<InstanceConfig> instances;
  for (uint16_t vid = 1; vid <= vlans; ++vid) {
    instances.push_back(AhInstance(absl::StrCat("gw-", vid)));
    instances.back().vlan = {vid, 0};
    instances.back().virtual_addresses = {{*ParseIpPrefix("10.99.0.100/24"), ""}};
  }
  return instances;
}

std::vector<uint32_t> NumbersOf(const std::vector<Sent>& sent) {
  std::vector<uint32_t> numbers;
  for (const Sent& s : sent) {
    if (const auto advert = SeeAdvert(s.frame)) numbers.push_back(advert->sequence.value_or(0));
  }
  return numbers;
}

}  // namespace dpvrrp
