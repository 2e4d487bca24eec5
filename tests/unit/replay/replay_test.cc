// SPDX-License-Identifier: BSD-3-Clause
//
// Captures of the field are replayed: every frame's verdict is the promised one.
#include "replay/replay.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "capture/pcapng_writer.h"
#include "config/load.h"
#include "replay/replay_output.h"
#include "replay/replay_trace.h"

namespace dpvrrp {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using FileOfBytes = std::vector<uint8_t>;

FileOfBytes Read(const std::string& name) {
  std::ifstream in(absl::StrCat(DPVRRP_CAPTURES, "/", name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr char kAh[] =
    "authentication = { type = \"ah\", algorithm = \"hmac-md5-96\", icv_rule = \"keepalived\", key = \"s3cr3t\", "
    "allow_weak_keys = true }\n";

// A backup at 10.99.0.2 on port "lan".
Config ConfigOf(const std::string& instance, const std::string& more_ports = "") {
  LoadResult loaded = LoadConfig(
      absl::StrCat("[[port]]\nname = \"lan\"\ndevice = \"net_af_packet0,iface=eth0\"\n", more_ports,
                   "[[instance]]\nname = \"gw\"\nport = \"lan\"\nsource_address = \"10.99.0.2\"\n", instance),
      "c.toml", [](const std::string&) -> absl::StatusOr<SecretBytes> { return absl::NotFoundError("none"); });
  for (const ConfigFault& fault : loaded.errors) ADD_FAILURE() << ToString(fault);
  return loaded.config;
}

Config AhBackup(const std::string& priority = "100") {
  return ConfigOf(absl::StrCat("version = 2\nvrid = 51\npriority = ", priority,
                               "\nvirtual_addresses = [\"10.99.0.100/24\"]\n", kAh));
}

// Keeps what it is told, by kind.
class Recorder : public ReplaySink {
 public:
  void OnFrame(const ReplayedFrame& frame) override {
    ends.push_back(frame.how.end);
    ++counts[std::string(ToString(frame.how.end))];
    last = frame.packet->at;
  }
  void OnSent(Nanoseconds at, PortId, std::span<const uint8_t>) override { sent_at.push_back(at); }
  void OnEvent(Nanoseconds at, const LogEvent& event) override {
    if (event.kind == "transition") transitions.push_back(event.text);
    last_event = at;
  }

  std::vector<DropReason> ends;
  std::map<std::string, size_t> counts;
  std::vector<Nanoseconds> sent_at;
  std::vector<std::string> transitions;
  Nanoseconds last{};
  Nanoseconds last_event{};
};

Recorder Play(const Config& config, const FileOfBytes& file, const std::string& port = "") {
  Recorder recorder;
  const absl::StatusOr<Capture> capture = ParseCapture(file);
  EXPECT_TRUE(capture.ok()) << capture.status();
  const absl::StatusOr<CapturePorts> ports = PortsOfCapture(*capture, config, port);
  EXPECT_TRUE(ports.ok()) << ports.status();
  const absl::Status status = Replay(config, *capture, *ports, recorder);
  EXPECT_TRUE(status.ok()) << status;
  return recorder;
}

// The frames of a capture, with some of them once more `later`, as an attacker would send them.
FileOfBytes WithCopies(const FileOfBytes& file, std::initializer_list<size_t> copies, Nanoseconds later) {
  const Capture capture = *ParseCapture(file);
  PcapngWriter writer("a test");
  writer.AddInterface("eth0");
  for (const CapturePacket& packet : capture.packets) writer.Add({.at = packet.at}, packet.bytes);
  for (const size_t i : copies) {
    writer.Add({.at = capture.packets.back().at + later}, capture.packets.at(i).bytes);
  }
  return {writer.file().begin(), writer.file().end()};
}

TEST(ReplayTest, EveryAdvertOfAMasterIsAccepted) {
  const Recorder seen = Play(AhBackup(), Read("ah-mcast-1vip.pcap"));
  EXPECT_EQ(seen.counts.at("none"), 8u);
  EXPECT_THAT(seen.counts, UnorderedElementsAre(Pair("none", 8u), Pair("not-vrrp", testing::Gt(0u))));
  EXPECT_THAT(seen.transitions, ElementsAre(HasSubstr("Initialize -> Backup")));
}

TEST(ReplayTest, AWrongKeyIsABadIcv) {
  Config config = ConfigOf(
      "version = 2\nvrid = 51\nvirtual_addresses = [\"10.99.0.100/24\"]\n"
      "authentication = { type = \"ah\", algorithm = \"hmac-md5-96\", icv_rule = \"keepalived\", key = \"another\", "
      "allow_weak_keys = true }\n");
  const Recorder seen = Play(config, Read("ah-mcast-1vip.pcap"));
  EXPECT_EQ(seen.counts.at("bad-icv"), 8u);
  EXPECT_EQ(seen.counts.count("none"), 0u);
}

// The story's attack: an advert that was recorded on the wire is sent again. keepalived.md 1.6, AH-12.
TEST(ReplayTest, ARecordedSequenceNumberIsReplayed) {
  const FileOfBytes file = Read("ah-mcast-1vip.pcap");
  const Capture capture = *ParseCapture(file);
  std::vector<size_t> adverts;
  for (size_t i = 0; i < capture.packets.size(); ++i) {
    if (capture.packets[i].bytes.size() > 23 && capture.packets[i].bytes[23] == 51) adverts.push_back(i);
  }
  ASSERT_EQ(adverts.size(), 8u);
  const Recorder seen = Play(AhBackup(), WithCopies(file, {adverts[2], adverts[7]}, 10ms));
  EXPECT_EQ(seen.counts.at("none"), 8u);
  EXPECT_EQ(seen.counts.at("replayed"), 2u);
  EXPECT_EQ(seen.ends.back(), DropReason::kReplayed);
}

// Beside a running master, an owner restarts and begins again at 1. Its first two numbers are not believed, and then it
// continues above the group's (keepalived.md 1.6).
TEST(ReplayTest, TheNumbersOfARestartedOwnerAreRefused) {
  Config config = AhBackup();
  config.instances[0].source_address = *ParseIpAddress("10.99.0.9");
  const Recorder seen = Play(config, Read("ah-owner-restart.pcap"));
  EXPECT_THAT(seen.counts, UnorderedElementsAre(Pair("none", 13u), Pair("behind-group", 2u)));
}

TEST(ReplayTest, AResignationLeadsToATakeoverInTheCapturesTime) {
  const Recorder seen = Play(AhBackup(), Read("prio0-shutdown-and-takeover.pcap"));
  EXPECT_THAT(seen.transitions, testing::Contains(HasSubstr("Backup -> Master")));
  ASSERT_FALSE(seen.sent_at.empty());
  for (const Nanoseconds at : seen.sent_at) EXPECT_LE(at, seen.last);
}

TEST(ReplayTest, OtherVersionsAndFamilies) {
  const std::string v3 = "version = 3\nadvertisement_interval = \"500ms\"\n";
  EXPECT_GT(Play(ConfigOf(v3 + "vrid = 56\nvirtual_addresses = [\"10.99.0.160/24\", \"10.99.0.161/24\"]\n"),
                 Read("v3-ipv4.pcap"))
                .counts.at("none"),
            0u);
  EXPECT_GT(Play(ConfigOf("version = 2\nvrid = 54\nvirtual_addresses = [\"10.99.0.140/24\"]\n"
                          "authentication = { type = \"simple\", password = \"pw12\" }\n"),
                 Read("pass.pcap"))
                .counts.at("none"),
            0u);
}

std::string Output(const Config& config, const FileOfBytes& file, bool json, std::string* pcapng) {
  const Capture capture = *ParseCapture(file);
  std::string text;
  ReplayOutput output({"lan"}, json, true, [&](const std::string& piece) { text += piece; });
  EXPECT_TRUE(Replay(config, capture, *PortsOfCapture(capture, config, ""), output).ok());
  output.Finish();
  *pcapng = output.pcapng();
  return text;
}

TEST(ReplayTest, TheSameInputGivesTheSameBytes) {
  const FileOfBytes file = WithCopies(Read("prio0-shutdown-and-takeover.pcap"), {0, 1, 2}, 4s);
  for (const bool json : {false, true}) {
    std::string first, second;
    EXPECT_EQ(Output(AhBackup(), file, json, &first), Output(AhBackup(), file, json, &second));
    EXPECT_EQ(first, second);
  }
}

TEST(ReplayOutputTest, ALineForEachFrameAndASummary) {
  std::string pcapng;
  const std::string text = Output(AhBackup(), Read("ah-mcast-1vip.pcap"), false, &pcapng);
  EXPECT_THAT(text, HasSubstr("Z #1 lan"));
  EXPECT_THAT(text, HasSubstr(" lan gw: accepted\n"));
  EXPECT_THAT(text, HasSubstr(" event gw: transition: Initialize -> Backup"));
  EXPECT_THAT(text, HasSubstr("frames: 8 accepted, "));
  const FileOfBytes written(pcapng.begin(), pcapng.end());
  const absl::StatusOr<Capture> capture = ParseCapture(written);
  ASSERT_TRUE(capture.ok()) << capture.status();
  const FileOfBytes original = Read("ah-mcast-1vip.pcap");
  const Capture before = *ParseCapture(original);
  ASSERT_EQ(capture->packets.size(), before.packets.size());
  for (size_t i = 0; i < before.packets.size(); ++i) {
    EXPECT_TRUE(std::equal(before.packets[i].bytes.begin(), before.packets[i].bytes.end(),
                           capture->packets[i].bytes.begin(), capture->packets[i].bytes.end()))
        << "the shard may change a frame, the file has it as it was captured";
  }
  EXPECT_THAT(pcapng, HasSubstr("dpvrrp: gw: accepted"));
}

TEST(ReplayTraceTest, OneFrameIsShownThroughEveryCheck) {
  const FileOfBytes file = Read("ah-mcast-1vip.pcap");
  const Capture capture = *ParseCapture(file);
  const auto trace = [&](size_t number) {
    ReplayTrace sink(number, false, 0);
    EXPECT_TRUE(Replay(AhBackup(), capture, *PortsOfCapture(capture, AhBackup(), ""), sink).ok());
    return sink.Result();
  };
  size_t accepted = 0;
  for (size_t i = 1; i <= capture.packets.size(); ++i) {
    const absl::StatusOr<std::string> text = trace(i);
    ASSERT_TRUE(text.ok()) << text.status();
    accepted += absl::StrContains(*text, "gw: Backup") && absl::StrContains(*text, "TTL 255") &&
                absl::StrContains(*text, "key right");
  }
  EXPECT_EQ(accepted, 8u);
  EXPECT_THAT(trace(capture.packets.size() + 1).status().message(),
              HasSubstr(absl::StrCat("the capture has ", capture.packets.size(), " frames")));
}

TEST(ReplayOutputTest, JsonHasAnObjectALine) {
  std::string pcapng;
  const std::string text = Output(AhBackup(), Read("ah-mcast-1vip.pcap"), true, &pcapng);
  EXPECT_THAT(text, HasSubstr(R"("instance":"gw")"));
  EXPECT_THAT(text, HasSubstr(R"("verdict":"accepted")"));
  EXPECT_THAT(text, HasSubstr(R"({"kind":"summary","frames":)"));
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n', absl::SkipEmpty()))) {
    EXPECT_EQ(line.front(), '{');
    EXPECT_EQ(line.back(), '}');
  }
}

TEST(ReplayPortsTest, TheInterfaceNamesThePort) {
  const Config two = ConfigOf("version = 2\nvrid = 51\nvirtual_addresses = [\"10.99.0.100/24\"]\n",
                              "[[port]]\nname = \"wan\"\ndevice = \"net_af_packet1,iface=eth1\"\n");
  Capture capture;
  capture.interfaces = {"eth1", "lan"};
  EXPECT_THAT(*PortsOfCapture(capture, two, ""), ElementsAre(PortId(1), PortId(0)));
  EXPECT_THAT(*PortsOfCapture(capture, two, "wan"), ElementsAre(PortId(1), PortId(1)));
  EXPECT_EQ(PortsOfCapture(capture, two, "x").status().message(), "no port named 'x'; there are: lan, wan");
  capture.interfaces = {"eth7"};
  EXPECT_EQ(
      PortsOfCapture(capture, two, "").status().message(),
      "no interface of the capture (eth7) belongs to a port (lan, wan); --port NAME gives all frames to one port");
  capture.interfaces = {"eth7", "lan"};
  EXPECT_THAT(*PortsOfCapture(capture, two, ""), ElementsAre(std::nullopt, PortId(0)));
}

// The time of a skipped frame passes, too.
TEST(ReplayTest, WhatIsDueBeforeASkippedFrameHappens) {
  const Config two = ConfigOf("version = 2\nvrid = 51\nvirtual_addresses = [\"10.99.0.100/24\"]\n",
                              "[[port]]\nname = \"wan\"\ndevice = \"net_af_packet1,iface=eth1\"\n");
  const FileOfBytes file = Read("v2-noauth.pcap");
  const Capture original = *ParseCapture(file);
  const CapturePacket& packet = original.packets.front();
  PcapngWriter writer("a test");
  writer.AddInterface("lan");
  writer.AddInterface("docker0");
  writer.Add({.at = packet.at}, packet.bytes);
  writer.Add({.interface = 1, .at = packet.at + 10s}, packet.bytes);
  const FileOfBytes mixed{writer.file().begin(), writer.file().end()};
  const Recorder recorder = Play(two, mixed);
  EXPECT_THAT(recorder.transitions, Contains(HasSubstr("Backup -> Master")));
  EXPECT_FALSE(recorder.sent_at.empty());
}

// A capture of all interfaces of a gateway.
TEST(ReplayOutputTest, FramesOfAnotherInterfaceAreSkippedAndKept) {
  const Config two = ConfigOf("version = 2\nvrid = 51\nvirtual_addresses = [\"10.99.0.100/24\"]\n",
                              "[[port]]\nname = \"wan\"\ndevice = \"net_af_packet1,iface=eth1\"\n");
  const FileOfBytes file = Read("v2-noauth.pcap");
  const Capture original = *ParseCapture(file);
  PcapngWriter writer("a test");
  writer.AddInterface("docker0");
  writer.AddInterface("lan");
  for (size_t i = 0; i < 4; ++i) {
    const CapturePacket& packet = original.packets.at(i);
    writer.Add({.interface = static_cast<uint32_t>(i % 2), .at = packet.at}, packet.bytes);
  }
  const FileOfBytes mixed{writer.file().begin(), writer.file().end()};
  const Capture capture = *ParseCapture(mixed);
  for (const bool json : {false, true}) {
    std::string text;
    ReplayOutput output({"lan", "wan"}, json, true, [&](const std::string& piece) { text += piece; });
    ASSERT_TRUE(Replay(two, capture, *PortsOfCapture(capture, two, ""), output).ok());
    output.Finish();
    EXPECT_THAT(text, HasSubstr(json ? R"("interface":"docker0","instance":null)"
                                     : " #1 docker0: skipped: the interface belongs to no port\n"));
    EXPECT_THAT(text, HasSubstr(json ? R"("skipped":2)" : ", 2 skipped; "));
    const FileOfBytes bytes(output.pcapng().begin(), output.pcapng().end());
    const absl::StatusOr<Capture> written = ParseCapture(bytes);
    ASSERT_TRUE(written.ok()) << written.status();
    EXPECT_THAT(written->interfaces, ElementsAre("lan", "wan", "docker0"));
    EXPECT_EQ(written->packets.at(0).interface, 2u);
  }
}

// Otherwise the daemon's own gratuitous ARP in the capture would be a claim of another host.
TEST(ReplayPortsTest, ThePortHasTheMacFromWhichTheCapturedHostSent) {
  const FileOfBytes file = Read("prio0-shutdown-and-takeover.pcap");
  const Capture capture = *ParseCapture(file);
  const CapturePorts ports = {PortId(0)};
  const auto mac = [&](const Config& config) { return ToString(MacOfPort(capture, ports, config, PortId(0))); };
  EXPECT_EQ(mac(AhBackup()), "02:00:0a:63:00:02");
  Config other = AhBackup();
  other.instances[0].source_address = *ParseIpAddress("10.99.0.77");
  EXPECT_EQ(mac(other), "02:00:00:00:00:00");
}

TEST(ReplayTest, ACaptureWithoutFramesIsAnError) {
  Recorder recorder;
  Capture capture;
  capture.interfaces = {""};
  const CapturePorts ports = {PortId(0)};
  EXPECT_EQ(Replay(AhBackup(), capture, ports, recorder).message(), "the capture has no frames");
}

// A short frame, a huge one and an empty one must not disturb the replay.
TEST(ReplayTest, FramesOfAnyLengthAreJudged) {
  PcapngWriter writer("a test");
  writer.AddInterface("");
  for (const size_t length : {0, 1, 13, 14, 60, 65535, 65536, 200'000}) {
    writer.Add({.at = 1s}, FileOfBytes(length, 0x45));
  }
  const FileOfBytes file(writer.file().begin(), writer.file().end());
  EXPECT_EQ(Play(AhBackup(), file).ends.size(), 8u);
}

}  // namespace
}  // namespace dpvrrp
