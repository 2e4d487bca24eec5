// SPDX-License-Identifier: BSD-3-Clause
#include "import_host.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bit>
#include <cstring>
#include <fstream>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace dpvrrp {
namespace {

// Where the agent of dpvrrpd looks for programs that a program names without their path.
constexpr absl::string_view kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

uint8_t LengthOf(const uint8_t* mask, size_t bytes) {
  unsigned length = 0;
  for (size_t i = 0; i < bytes; ++i) length += static_cast<unsigned>(std::popcount(unsigned{mask[i]}));
  return static_cast<uint8_t>(length);
}

std::optional<IpPrefix> PrefixOf(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr) return std::nullopt;
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in address{};
    sockaddr_in mask{};
    memcpy(&address, entry.ifa_addr, sizeof address);
    memcpy(&mask, entry.ifa_netmask, sizeof mask);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&mask.sin_addr);
    return IpPrefix{IpAddress::V4(ntohl(address.sin_addr.s_addr)), LengthOf(bytes, 4)};
  }
  if (entry.ifa_addr->sa_family == AF_INET6) {
    sockaddr_in6 address{};
    sockaddr_in6 mask{};
    memcpy(&address, entry.ifa_addr, sizeof address);
    memcpy(&mask, entry.ifa_netmask, sizeof mask);
    IpAddress::Bytes bytes{};
    memcpy(bytes.data(), &address.sin6_addr, bytes.size());
    return IpPrefix{IpAddress::V6(bytes), LengthOf(mask.sin6_addr.s6_addr, 16)};
  }
  return std::nullopt;
}

std::optional<std::vector<IpPrefix>> AddressesOf(const std::string& interface) {
  if (if_nametoindex(interface.c_str()) == 0) return std::nullopt;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, &freeifaddrs);
  std::vector<IpPrefix> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (interface != entry->ifa_name) continue;
    if (const std::optional<IpPrefix> prefix = PrefixOf(*entry)) addresses.push_back(*prefix);
  }
  return addresses;
}

bool IsProgram(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::string FindProgram(const std::string& program) {
  if (absl::StartsWith(program, "/")) return IsProgram(program) ? program : "";
  for (const absl::string_view folder : absl::StrSplit(kPath, ':')) {
    const std::string path = absl::StrCat(folder, "/", program);
    if (IsProgram(path)) return path;
  }
  return "";
}

// A line of rt_tables: "100 uplink".
std::optional<uint32_t> TableNamed(const std::string& name) {
  std::ifstream file("/etc/iproute2/rt_tables");
  for (std::string line; std::getline(file, line);) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    uint32_t number = 0;
    if (words.size() >= 2 && words[1] == name && absl::SimpleAtoi(words[0], &number)) return number;
  }
  return std::nullopt;
}

}  // namespace

keepalived::HostKnowledge ThisHost() {
  keepalived::HostKnowledge host;
  host.addresses = &AddressesOf;
  host.find_program = &FindProgram;
  host.has_user = [](const std::string& user) { return getpwnam(user.c_str()) != nullptr; };
  host.table = &TableNamed;
  return host;
}

std::string HostName() {
  utsname names{};
  if (uname(&names) != 0) return "";
  const std::string name = names.nodename;
  return name.substr(0, name.find('.'));
}

}  // namespace dpvrrp
