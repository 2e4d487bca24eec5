// SPDX-License-Identifier: BSD-3-Clause
//
// [[port]] kernel = "twin": its rules, and the addresses that are on the twin without naming it.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "config/host_facts.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kSockets = "device = \"net_af_packet0,iface=eth0\"\n";
const std::string kTwinned = "device = \"0000:3b:00.0\"\nkernel = \"twin\"\ntwin = \"gw0\"\n";

std::vector<std::string> ErrorsOf(const std::string& port) { return Errors(Changed(kSockets, port)); }

// The devices of the first instance's addresses in a file with a twin, after a change.
std::vector<std::string> Devices(const std::string& piece, const std::string& instead) {
  std::string text = Changed(kSockets, kTwinned);
  const size_t at = text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  text.replace(at, piece.size(), instead);
  const LoadResult result = Load(text);
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  std::vector<std::string> devices;
  if (result.config.instances.empty()) return devices;
  for (const VirtualAddress& address : result.config.instances[0].virtual_addresses) devices.push_back(address.device);
  return devices;
}

TEST(LoadTwinTest, ThePortKnowsItsTwin) {
  for (const std::string device : {"0000:3b:00.0", "net_pcap0,iface=eth0", "net_af_xdp0,iface=eth0", "net_memif0"}) {
    const LoadResult result =
        Load(Changed(kSockets, absl::StrCat("device = \"", device, "\"\nkernel = \"twin\"\ntwin = \"gw0\"\n")));
    ASSERT_THAT(Lines(result.errors), IsEmpty()) << device;
    EXPECT_EQ(result.config.ports[0].kernel, KernelShare::kTwin);
    EXPECT_EQ(result.config.ports[0].twin, "gw0");
  }
}

TEST(LoadTwinTest, AKernelInterfaceHasNoTwin) {
  const std::string keys = "kernel = \"twin\"\ntwin = \"gw0\"\n";
  const std::string rule =
      "8:10: kernel 'twin': needs a device that is not an interface of the kernel, such as a PCI address; device ";
  EXPECT_THAT(ErrorsOf(kSockets + keys), ElementsAre(rule + "'net_af_packet0,iface=eth0' allows only shared and none"));
  EXPECT_THAT(ErrorsOf("device = \"net_tap0,iface=t0\"\n" + keys),
              ElementsAre(rule + "'net_tap0,iface=t0' allows only none"));
}

TEST(LoadTwinTest, TheNameIsNeededAndMustBeAnInterfaces) {
  const std::string twin = "device = \"0000:3b:00.0\"\nkernel = \"twin\"\n";
  EXPECT_THAT(ErrorsOf(twin), ElementsAre("8:10: kernel 'twin': needs twin, the name of the kernel interface, such as "
                                          "gw0"));
  EXPECT_THAT(ErrorsOf("device = \"0000:3b:00.0\"\ntwin = \"gw0\"\n"),
              ElementsAre("8:8: twin 'gw0': is allowed only with kernel = \"twin\""));
  const std::string rule = ": must be an interface name: 1..15 bytes without '/', ':' or white space";
  for (const std::string name : {"", "gw/0", "gw 0", "a234567890123456", ".."}) {
    EXPECT_THAT(ErrorsOf(absl::StrCat(twin, "twin = \"", name, "\"\n")),
                ElementsAre(absl::StrCat("9:8: twin '", name, "'", rule)));
  }
  EXPECT_THAT(ErrorsOf(twin + "twin = \"gw%d\"\n"),
              ElementsAre("9:8: twin 'gw%d': must be an interface name without '%'"));
  EXPECT_THAT(ErrorsOf(twin + "twin = 7\n"), ElementsAre("9:8: twin: must be a string, got an integer"));
}

TEST(LoadTwinTest, NoTwoPortsHaveOneInterface) {
  const std::string second = "[[port]]\nname = \"wan\"\ndevice = \"0000:3b:00.1\"\nkernel = \"twin\"\ntwin = \"gw0\"\n";
  EXPECT_THAT(ErrorsOf(kTwinned + second), ElementsAre("14:8: twin 'gw0': port 'lan' has this interface"));
  EXPECT_THAT(ErrorsOf(kTwinned + "[[port]]\nname = \"wan\"\ndevice = \"net_af_packet0,iface=gw0\"\n"),
              ElementsAre("9:8: twin 'gw0': port 'wan' stands on this interface"));
}

TEST(LoadTwinTest, AddressesAreOnTheTwin) {
  const std::string list = "[\"10.99.0.100/24\"]";
  EXPECT_THAT(Devices(list, list), ElementsAre("gw0"));
  EXPECT_THAT(Devices(list,
                      "[\"10.99.0.100/24\", { address = \"10.98.0.1/24\", device = \"eth7\" }]\n"
                      "excluded_addresses = [\"10.97.0.1/24\"]"),
              ElementsAre("gw0", "eth7", "gw0"));
  EXPECT_THAT(Devices(list, list + "\nresponder = true"), ElementsAre(""));
  EXPECT_THAT(Devices("vlan = []", "vlan = [7]"), ElementsAre("")) << "the name of its VLAN device is not known";
  EXPECT_THAT(Devices(list, list + "\naddress_loss = \"keep\""), ElementsAre("gw0")) << "needs a device";
}

TEST(LoadTwinTest, AddressesOfATemplateAreOnTheTwin) {
  const std::string text = Changed(kSockets, kTwinned) + R"(
[[template]]
name = "t{vrid}"
port = "lan"
vrid = "60-61"
source_address = "10.99.0.2"
virtual_addresses = [{ address = "10.99.1.1/24", per_vrid = "0.0.0.1" }]
)";
  const LoadResult result = Load(text);
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  ASSERT_EQ(result.config.instances.size(), 3u);
  EXPECT_EQ(result.config.instances[2].virtual_addresses[0].device, "gw0");
}

// It is ordinary that the twin does not exist before the daemon makes it.
TEST(LoadTwinTest, TheMachineIsAskedForTheName) {
  HostFacts facts;
  facts.interfaces.emplace();
  facts.check_twin = [](const std::string& name) {
    return name == "gw0" ? absl::OkStatus() : absl::AlreadyExistsError("it is a bridge");
  };
  const auto load = [&](const std::string& text) { return LoadConfig(text, "/etc/c.toml", {}, &facts); };
  const LoadResult good = load(Changed(kSockets, kTwinned));
  EXPECT_THAT(Lines(good.errors), IsEmpty());
  EXPECT_THAT(Lines(good.warnings), IsEmpty());
  const std::string bridge = "device = \"0000:3b:00.0\"\nkernel = \"twin\"\ntwin = \"br0\"\n";
  EXPECT_THAT(Lines(load(Changed(kSockets, bridge)).errors),
              ElementsAre("/etc/c.toml:9:8: twin 'br0': it is a bridge"));
}

}  // namespace
}  // namespace dpvrrp
