// SPDX-License-Identifier: BSD-3-Clause
#include "unit/control/rogues/planted_faults.h"

#include "control/instances/router_builder.h"
#include "traffic/host_frames.h"
#include "unit/control/tracking_configs.h"

namespace dpvrrp {

PortStatus LanPort(bool up, uint64_t received, uint64_t send_errors) {
  PortStatus port;
  port.id = PortId(0);
  port.name = "lan";
  port.mac = Mac("02:00:00:00:00:0b");
  port.up = up;
  if (!up) port.down_reason = "interface eth0 was removed";
  port.received = port.heard = received;
  port.send_errors = send_errors;
  return port;
}

namespace {

// A keyring with the group's key, and with "0ther" as key 2, which has expired.
std::shared_ptr<const KeyringConfig> RingWithAnOldKey() {
  KeyringConfig ring;
  ring.name = "core";
  ring.keys = {{1, SecretBytes(KeepalivedKey("s3cr3t")), {}, {}},
               {2, SecretBytes(KeepalivedKey("0ther")), {}, 1'600'000'000}};
  return std::make_shared<const KeyringConfig>(std::move(ring));
}

// Faults of this gateway, without a culprit.
std::vector<Planted> OurOwnFaults() {
  std::vector<Planted> all;
  const auto add = [&](Verdict verdict, InstanceConfig config, std::function<void(Lan&)> plant,
                       std::function<void(Gateway&)> before = {}) {
    all.push_back({verdict, std::move(config), std::move(plant), "", {}, {}, std::move(before)});
  };
  add(Verdict::kPortDown, Plain(), [](Lan& lan) {
    lan.gateway.services.ports = {LanPort(false)};
    lan.PullThePlug();
    lan.gateway.RunFor(1s);
  });
  add(Verdict::kSendErrors, Plain(), [](Lan& lan) {
    lan.gateway.services.ports = {LanPort(true)};
    lan.gateway.RunFor(5s);
    EXPECT_EQ(lan.Diagnosed(), Json::array());
    lan.gateway.RunFor(1s);
    lan.gateway.services.ports = {LanPort(true, 101, 3)};
  });
  add(Verdict::kPortDeaf, Plain(), [](Lan& lan) {
    lan.gateway.services.ports = {LanPort(true)};
    lan.Speak(3, [](uint32_t) { return PlainRogue(); });
    lan.gateway.RunFor(180s);
  });
  add(Verdict::kStarvedLcore, Plain(), [](Lan& lan) {
    WorkerStatus worker;
    worker.lcore = 1;
    worker.turns = 1000;
    lan.gateway.services.workers = {worker};
    EXPECT_EQ(lan.Diagnosed(), Json::array());
    lan.gateway.RunFor(1s);
    worker.turns = 2000;
    worker.longest_turn_us = 600'000;
    lan.gateway.services.workers = {worker};
  });
  add(Verdict::kAddressMissing, Plain(), [](Lan& lan) {
    lan.gateway.services.refuse = absl::PermissionDeniedError("Operation not permitted");
    lan.Become(State::kMaster);
  });
  add(
      Verdict::kAddressForeign, Plain(), [](Lan& lan) { lan.Become(State::kMaster); },
      [](Gateway& gateway) {
        gateway.services.addresses.push_back({"eth0", *ParseIpPrefix("10.99.0.100/24"), false});
      });
  add(
      Verdict::kNumbersLow, AhInstance(), [](Lan& lan) { lan.Become(State::kMaster); },
      [](Gateway& gateway) { gateway.services.records[RecordKey(AhInstance())].sent = 0xffffff00; });
  InstanceConfig tracked = Plain();
  tracked.tracks = {{"uplink", {}, false}};
  add(
      Verdict::kStandsBack, tracked, [](Lan&) {}, [](Gateway& gateway) { gateway.services.links_down.insert("eth1"); });
  all.back().tracks = {MakeTrack("uplink", TrackKind::kInterface, "eth1")};
  add(Verdict::kInstanceInactive, Plain(), [](Lan& lan) {
    lan.PullThePlug();
    lan.Speak(3, [](uint32_t) { return PlainRogue(); });
  });
  return all;
}

}  // namespace

std::vector<Planted> AllPlanted() {
  const auto rogue_says = [](const std::function<AdvertFrame(uint32_t)>& next) {
    return [next](Lan& lan) {
      lan.Become(State::kMaster);
      lan.Speak(3, next);
    };
  };
  // Numbers above the group's, like those of a healthy gateway.
  const auto ahead = [](AdvertFrame frame, uint32_t i) {
    frame.sequence = 100 + 10 * i;
    return frame;
  };
  std::vector<Planted> all;
  all.push_back({Verdict::kDuplicateVrid, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.addresses = {Ip("10.99.0.200")};
                   return frame;
                 })});
  InstanceConfig owner = Plain();
  owner.priority = kPriorityOwner;
  all.push_back({Verdict::kTwoOwners, owner, [](Lan& lan) {
                   lan.Speak(3, [](uint32_t) {
                     AdvertFrame frame = PlainRogue();
                     frame.priority = 255;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kStaleGateway, AhInstance(), [](Lan& lan) {
                   lan.gateway.RunFor(60s);
                   lan.Speak(2, [](uint32_t i) {  // within two adverts
                     AdvertFrame frame = Rogue();
                     frame.sequence = i;
                     frame.priority = 200;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kReplay, AhInstance(),
                 [](Lan& lan) {
                   AdvertFrame master;
                   master.key = KeepalivedKey("s3cr3t");
                   for (uint32_t i = 1; i <= 5; ++i) {
                     master.sequence = 500 + i;
                     lan.gateway.Receive(master.Build());
                     lan.gateway.RunFor(1s);
                     AdvertFrame old = master;  // another machine sends a recorded advert
                     old.source_mac = kRogueMac;
                     old.sequence = 500;
                     if (i > 1) lan.gateway.Receive(old.Build());
                   }
                 },
                 "10.99.0.1"});
  all.push_back({Verdict::kWrongKey, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.key = KeepalivedKey("other");
                   return frame;
                 })});
  all.push_back({Verdict::kWrongAuthKind, AhInstance(), rogue_says([](uint32_t) { return PlainRogue(); })});
  all.push_back({Verdict::kNobodyHearsUs, Plain(), [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.Speak(8, [](uint32_t) { return PlainRogue(); });
                 }});
  all.push_back({Verdict::kTwoMasters, Plain(), [](Lan& lan) {
                   for (int i = 0; i < 10; ++i) {
                     AdvertFrame good = PlainRogue();
                     good.source = Ip("10.99.0.1");
                     good.source_mac = MacAddress{{2, 0, 0x0a, 0x63, 0, 1}};
                     good.priority = 200;
                     lan.gateway.Receive(good.Build());
                     AdvertFrame deaf = PlainRogue();
                     deaf.priority = 150;
                     lan.gateway.Receive(deaf.Build());
                     lan.gateway.RunFor(1s);
                   }
                 }});
  all.push_back({Verdict::kVirtualMacElsewhere, Plain(),
                 [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.Speak(3, [](uint32_t) {  // our own adverts, in a VLAN that is not configured
                     AdvertFrame frame = PlainRogue();
                     frame.vlan_tags = {7};
                     frame.source = Ip("10.99.0.2");
                     frame.source_mac = VirtualMac(Family::kIpv4, Vrid(51));
                     return frame;
                   });
                 },
                 "10.99.0.2"});
  all.push_back({Verdict::kVlanMismatch, AhInstance(), rogue_says([](uint32_t i) {
                   AdvertFrame frame = Rogue();
                   frame.sequence = i;
                   frame.vlan_tags = {7};
                   return frame;
                 })});
  all.push_back({Verdict::kOwnFramesLooped, Plain(),
                 [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.Speak(3, [](uint32_t) {
                     AdvertFrame frame = PlainRogue();
                     frame.source = Ip("10.99.0.2");
                     frame.source_mac = Mac("02:00:00:00:00:0b");  // the MAC of our port
                     frame.priority = 100;
                     return frame;
                   });
                 },
                 "10.99.0.2"});
  all.push_back({Verdict::kSourceAddressTaken, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.source = Ip("10.99.0.2");
                   return frame;
                 }),
                 "10.99.0.2"});
  all.push_back({Verdict::kDoubled, AhInstance(),
                 [](Lan& lan) {
                   for (uint32_t i = 1; i <= 5; ++i) {
                     AdvertFrame frame;
                     frame.key = KeepalivedKey("s3cr3t");
                     frame.sequence = i;
                     lan.gateway.Receive(frame.Build());
                     lan.gateway.RunFor(1ms);
                     lan.gateway.Receive(frame.Build());
                     lan.gateway.RunFor(999ms);
                   }
                 },
                 "10.99.0.1"});
  all.push_back({Verdict::kClockSkew, WithTrailer(), [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.Speak(4, [&](uint32_t) { return lan.Trailer(90); });
                 }});
  all.push_back({Verdict::kNumbersWentBack, Rfc4302(), [](Lan& lan) {
                   const auto from = [](uint32_t first) {
                     return [first](uint32_t i) {
                       AdvertFrame frame = Rogue();
                       frame.rule = IcvRule::kRfc4302;
                       frame.priority = 150;
                       frame.sequence = first + i;
                       return frame;
                     };
                   };
                   lan.Speak(5, from(5000));
                   lan.Speak(4, from(3000));
                 }});
  all.push_back({Verdict::kFlood, AhInstance(), [](Lan& lan) { lan.FloodForged(); }});
  all.push_back({Verdict::kIcvRuleMismatch, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.rule = IcvRule::kRfc4302;
                   return frame;
                 })});
  all.push_back({Verdict::kAlgorithmMismatch, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.algorithm = MacAlgorithm::kHmacSha1_96;  // its ICV has the same length
                   return frame;
                 })});
  InstanceConfig with_comment = AhInstance();
  with_comment.auth.keyring = OwnKey(SecretBytes(KeepalivedKey("Xk3!vQ9z")));
  all.push_back({Verdict::kKeyShortened, with_comment, rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.key = KeepalivedKey("Xk3");
                   return frame;
                 })});
  InstanceConfig other_key = AhInstance("gw2", 52);
  other_key.auth.keyring = OwnKey(SecretBytes(KeepalivedKey("0ther")));
  const auto signs_with_0ther = rogue_says([=](uint32_t i) {
    AdvertFrame frame = ahead(Rogue(), i);
    frame.key = KeepalivedKey("0ther");
    return frame;
  });
  all.push_back({Verdict::kKeyOfAnother, AhInstance(), signs_with_0ther, "10.99.0.9", {other_key}});
  InstanceConfig with_ring = AhInstance();
  with_ring.auth.keyring = RingWithAnOldKey();
  all.push_back({Verdict::kKeyOutOfTime, with_ring, signs_with_0ther, "10.99.0.9", {}, with_ring.auth.keyring});
  all.push_back({Verdict::kKeyIdMismatch, WithTrailer(), [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.Speak(3, [&](uint32_t) {
                     AdvertFrame frame = lan.Trailer();
                     frame.key_id = 2;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kAddressingMismatch, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.destination = Ip("10.99.0.2");
                   return frame;
                 })});
  InstanceConfig choosy = AhInstance();
  choosy.allowed_senders = {Ip("10.99.0.1")};
  all.push_back({Verdict::kUnlistedSender, choosy, rogue_says([=](uint32_t i) { return ahead(Rogue(), i); })});
  all.push_back({Verdict::kBadSourceAddress, Plain(), rogue_says([](uint32_t) {
                   AdvertFrame frame = PlainRogue();
                   frame.source = Ip("255.255.255.255");
                   return frame;
                 }),
                 "255.255.255.255"});
  all.push_back({Verdict::kMalformed, Plain(), rogue_says([](uint32_t) {
                   AdvertFrame frame = PlainRogue();
                   frame.type = 2;
                   return frame;
                 })});
  all.push_back({Verdict::kBlockedSender, AhInstance(), [=](Lan& lan) {
                   lan.gateway.Ask("sender block 10.99.0.9");
                   lan.Speak(3, [=](uint32_t i) { return ahead(Rogue(), i); });
                 }});
  all.push_back({Verdict::kVipListMismatch, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.addresses = {Ip("10.99.0.100"), Ip("10.99.0.101")};
                   return frame;
                 })});
  all.push_back({Verdict::kIntervalMismatch, AhInstance(), rogue_says([=](uint32_t i) {
                   AdvertFrame frame = ahead(Rogue(), i);
                   frame.interval = 5;
                   return frame;
                 })});
  all.push_back({Verdict::kVersionMismatch, Plain(), rogue_says([](uint32_t) { return V3Rogue(); })});
  all.push_back({Verdict::kChecksumMismatch, Plain(VrrpVersion::kV3), [](Lan& lan) {
                   lan.Speak(3, [](uint32_t) {
                     AdvertFrame frame = V3Rogue();
                     frame.priority = 200;
                     frame.checksum_rule = ChecksumRule::kRfc9568;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kTtlNot255, Plain(), rogue_says([](uint32_t) {
                   AdvertFrame frame = PlainRogue();
                   frame.ttl = 254;
                   return frame;
                 })});
  all.push_back({Verdict::kRestartedPeer, AhInstance(), [](Lan& lan) {
                   lan.Speak(3, [](uint32_t i) {
                     AdvertFrame frame = Rogue();
                     frame.sequence = 700 + i;
                     return frame;
                   });
                   lan.gateway.RunFor(30s);
                   lan.Speak(4, [](uint32_t i) {
                     AdvertFrame frame = Rogue();
                     frame.sequence = i;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kEqualPriorities, Plain(), [](Lan& lan) {
                   lan.Speak(3, [](uint32_t) {
                     AdvertFrame frame = PlainRogue();
                     frame.priority = 100;
                     return frame;
                   });
                 }});
  all.push_back({Verdict::kVridMismatch, Plain(), rogue_says([](uint32_t) {
                   AdvertFrame frame = PlainRogue();
                   frame.vrid = 99;
                   return frame;
                 })});
  all.push_back({Verdict::kUnconfiguredVrid, Plain(), rogue_says([](uint32_t) {
                   AdvertFrame frame = PlainRogue();
                   frame.vrid = 99;
                   frame.addresses = {Ip("10.99.0.55")};
                   return frame;
                 })});
  InstanceConfig host = Plain();
  host.responder = true;
  host.virtual_addresses[0].device.clear();
  all.push_back({Verdict::kAddressConflict, host,
                 [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.gateway.Receive(ArpAnnouncement({kRogueMac, Ip("10.99.0.100")}));
                 },
                 "10.99.0.100"});
  // Deaf: a master that we do not hear announces the address from the group's virtual MAC.
  all.push_back({Verdict::kWeHearNobody, host,
                 [](Lan& lan) {
                   lan.Become(State::kMaster);
                   lan.gateway.RunFor(10s);
                   const MacAddress virtual_mac = VirtualMac(Family::kIpv4, Vrid(51));
                   lan.gateway.Receive(ArpAnnouncement({virtual_mac, Ip("10.99.0.100")}));
                 },
                 "10.99.0.100"});
  for (Planted& ours : OurOwnFaults()) all.push_back(std::move(ours));
  return all;
}

}  // namespace dpvrrp
