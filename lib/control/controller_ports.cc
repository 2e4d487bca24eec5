// SPDX-License-Identifier: BSD-3-Clause
//
// Controller: what happens to a port is passed on to the lcores and to the event log.
#include "control/controller.h"

namespace dpvrrp {

void Controller::OnPortNews(const PortNews& news, ControlTime t) {
  PortBinding& port = parts_.registry.PortOf(news.port);
  const auto record = [&](const Occurrence& what) { parts_.journal.Record(what, t.unix_ms); };
  switch (news.kind) {
    case PortNews::Kind::kUp:
      record(occurrence::PortUp{port.name});
      SetPortLink(port, true, t);
      break;
    case PortNews::Kind::kDown:
      record(occurrence::PortDown{port.name, news.text});
      SetPortLink(port, false, t);
      break;
    case PortNews::Kind::kOpened:
      record(occurrence::PortOpened{port.name, news.text});
      break;
    case PortNews::Kind::kCannotOpen:
      record(occurrence::PortNotOpened{port.name, news.text});
      break;
    case PortNews::Kind::kMacChanged:
      record(occurrence::PortMacChanged{port.name, port.mac, news.mac});
      SetPortMac(port, news.mac, t);
      break;
  }
  Settle(t);
}

void Controller::SetPortLink(PortBinding& port, bool up, ControlTime t) {
  if (port.up == up) return;  // it is down for another reason than before
  port.up = up;
  parts_.Send(up ? ShardCommand(command::PortUp{port.id}) : command::PortDown{port.id});
  parts_.tracks.OnPortLink(port.name, up, t);
  parts_.groups.OnPort(port.id);
}

// The command overtakes nothing: announcements that are asked for here are written with the new MAC.
void Controller::SetPortMac(PortBinding& port, const MacAddress& mac, ControlTime t) {
  port.mac = mac;
  parts_.Send(command::PortMac{port.id, mac});
  // Hosts have the old MAC for the addresses of each master that advertises from the port's MAC.
  for (const auto& [name, instance] : parts_.registry.instances()) {
    const bool affected = instance.port == port.id && instance.config.source_mac == SourceMac::kPort;
    if (affected && instance.state == State::kMaster) parts_.addresses.Announce(instance, t);
  }
}

}  // namespace dpvrrp
