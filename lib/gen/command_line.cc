// SPDX-License-Identifier: BSD-3-Clause
#include "gen/command_line.h"

#include <algorithm>
#include <span>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace dpvrrp {

const char kGenUsage[] =
    "usage: dpvrrp-gen -p PROFILE [OPTIONS] [-- EAL options]\n"
    "       dpvrrp-gen -d DEVICE --kind KIND --vrid N --source-address A --address A [OPTIONS] [-- EAL options]\n"
    "\n"
    "The run\n"
    "  -p, --profile FILE      streams and settings (TOML)\n"
    "  -d, --device DEVICE     DPDK device: net_af_packet0,iface=eth0 or a PCI address\n"
    "  --duration TIME         10s; a run never lasts longer\n"
    "  --lcore N               the CPU of the run (0)\n"
    "  --poll                  never sleep: exact times, a whole CPU\n"
    "  --i-own-this-network    send also through a physical device, or where the default route is\n"
    "  --check                 check the profile, send nothing\n"
    "\n"
    "One stream, without a profile that has streams\n"
    "  --kind KIND             what to send; --list-kinds describes each kind\n"
    "  --vrid SET              1-250,255\n"
    "  --vlan SET              100-163; given twice: the outer and the inner tag\n"
    "  --vrrp 2|3              protocol version (2)\n"
    "  --priority N            200\n"
    "  --interval TIME         1s\n"
    "  --checksum RULE         rfc5798 or rfc9568: VRRPv3 over IPv4\n"
    "  --source-address A      of the adverts; its family is the family of the stream\n"
    "  --source-mac MAC        port, virtual, or a MAC (port)\n"
    "  --address A[,A...]      virtual addresses of the first virtual router\n"
    "  --per-vrid A            step of the addresses from VRID to VRID: 0.0.0.1\n"
    "  --per-vlan A            step of the addresses from VLAN to VLAN: 0.0.1.0\n"
    "  --auth TYPE             none, simple, ah or auth-hmac; with the keys of dpvrrpd's [authentication]:\n"
    "                          --algorithm --icv-rule --spi --key --key-hex --key-file --password --password-file\n"
    "  --rate N                frames a second (1000); 0: as fast as the port takes them\n"
    "  --frames N              end after N frames (1000000; 0: no limit); kind master: no limit\n"
    "  --start-at TIME         since the start of the run\n"
    "  --silent-at TIME        kind master: stop without a word\n"
    "  --resign-at TIME        kind master: stop with priority 0\n"
    "  --resume-at TIME        kind master: send again\n"
    "  --sequence N            first AH number (seconds of UTC; stale-gateway: 1)\n"
    "  --clock-offset TIME     kind clock-skew, such as -30s (-3600s)\n"
    "\n"
    "The result\n"
    "  --json                  as JSON\n"
    "  --instances             with a row for each virtual router\n"
    "  --svg FILE              histograms\n"
    "\n"
    "  --list-kinds            the kinds, and how dpvrrpd ends their frames\n"
    "  --version               print the version\n"
    "  --help                  print this\n"
    "\n"
    "SIGINT and SIGTERM end the run early; the result is still printed.\n"
    "Exit status: 0 the run took place, 1 it failed, 2 bad usage, 3 bad profile.\n";

namespace {

struct Alias {
  absl::string_view option;
  absl::string_view key;
};
// The short names. Every other option is its key with '-' for '_'.
constexpr Alias kAliases[] = {
    {"vrrp", "version"}, {"interval", "advertisement_interval"}, {"address", "virtual_addresses"}, {"auth", "auth"}};

std::string KeyOf(absl::string_view option) {
  for (const Alias& alias : kAliases) {
    if (alias.option == option) return std::string(alias.key);
  }
  return absl::StrReplaceAll(option, {{"-", "_"}});
}

// The option of a key, as --help shows it.
std::string OptionOf(absl::string_view key) {
  if (key == "type") return "auth";
  for (const Alias& alias : kAliases) {
    if (alias.key == key) return std::string(alias.option);
  }
  return absl::StrReplaceAll(key, {{"_", "-"}});
}

class Parser {
 public:
  absl::StatusOr<GenCommandLine> Parse(std::span<const std::string> words) {
    for (size_t i = 0; i < words.size(); ++i) {
      if (absl::Status status = Take(words, i); !status.ok()) return status;
    }
    return std::move(out_);
  }

  // Whether the word is an option of ours.
  static bool Knows(const std::string& word) {
    GenCommandLine ignored;
    absl::string_view name = Name(word);
    return word == "-p" || word == "-d" || word == "-h" ||
           (absl::StartsWith(word, "--") && (FindFlag(ignored, name) || FindText(ignored, name) != nullptr ||
                                             FormOfGenOption(KeyOf(name)) != GenOptionForm::kUnknown));
  }

 private:
  // "--vrid=5" is "vrid".
  static absl::string_view Name(const std::string& word) {
    absl::string_view name = word;
    name.remove_prefix(std::min<size_t>(2, name.size()));
    return name.substr(0, name.find('='));
  }

  static bool* FindFlag(GenCommandLine& out, absl::string_view name) {
    if (name == "i-own-this-network") return &out.own_network;
    if (name == "json") return &out.json;
    if (name == "instances") return &out.instances;
    if (name == "check") return &out.check;
    if (name == "list-kinds") return &out.list_kinds;
    if (name == "help") return &out.help;
    if (name == "version") return &out.version;
    return nullptr;
  }

  static std::string* FindText(GenCommandLine& out, absl::string_view name) {
    if (name == "profile") return &out.profile_file;
    if (name == "svg") return &out.svg_file;
    return nullptr;
  }

  absl::Status Take(std::span<const std::string> words, size_t& i) {
    std::string word = words[i];
    if (word == "-p") word = "--profile";
    if (word == "-d") word = "--device";
    if (word == "-h") word = "--help";
    const absl::string_view name = Name(word);
    if (!absl::StartsWith(word, "--") || !Knows(word)) {
      return absl::InvalidArgumentError(absl::StrCat("unknown option '", word, "'; EAL options go after --"));
    }
    const size_t equals = word.find('=');
    const auto value = [&]() -> absl::StatusOr<std::string> {
      if (equals != std::string::npos) return word.substr(equals + 1);
      if (i + 1 == words.size()) return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value"));
      return words[++i];
    };
    const std::string key = KeyOf(name);
    bool* flag = FindFlag(out_, name);
    std::string* text = FindText(out_, name);
    const bool is_flag = flag != nullptr || (text == nullptr && FormOfGenOption(key) == GenOptionForm::kFlag);
    const bool is_list = key == "vlan" || key == "virtual_addresses";
    const auto same = [&](const GenOption& option) { return option.key == key; };
    if (!is_list && std::any_of(out_.options.begin(), out_.options.end(), same)) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " is given twice"));
    }
    if (is_flag) {
      if (equals != std::string::npos) return absl::InvalidArgumentError(absl::StrCat("--", name, " takes no value"));
      if (flag != nullptr) *flag = true;
      if (flag == nullptr) out_.options.push_back({key, ""});
      return absl::OkStatus();
    }
    absl::StatusOr<std::string> given = value();
    if (!given.ok()) return given.status();
    if (text == nullptr) {
      out_.options.push_back({key, *std::move(given)});
      return absl::OkStatus();
    }
    if (given->empty()) return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a file"));
    if (!text->empty()) return absl::InvalidArgumentError(absl::StrCat("--", name, " is given twice"));
    *text = *std::move(given);
    return absl::OkStatus();
  }

  GenCommandLine out_;
};

}  // namespace

absl::StatusOr<GenCommandLine> ParseGenCommandLine(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto dashes = std::find(words.begin(), words.end(), "--");
  std::vector<std::string> ours(words.begin(), dashes);
  std::vector<std::string> eal(dashes == words.end() ? dashes : dashes + 1, words.end());
  const bool eal_first = !eal.empty() && Parser::Knows(eal.front()) && (ours.empty() || !Parser::Knows(ours.front()));
  if (eal_first) ours.swap(eal);
  absl::StatusOr<GenCommandLine> line = Parser().Parse(ours);
  if (!line.ok()) return line;
  line->eal_arguments = std::move(eal);
  const bool only_tells = line->help || line->version || line->list_kinds;
  if (!only_tells && line->profile_file.empty() && line->options.empty()) {
    return absl::InvalidArgumentError("nothing to send: -p PROFILE, or -d DEVICE and --kind KIND");
  }
  return line;
}

std::string GenFaultText(const ConfigFault& fault) {
  if (fault.line != 0) return ToString(fault);
  const size_t end = fault.message.find_first_of(" :");
  if (fault.message.find("stream: is required") == 0) return "nothing to send: --kind KIND, or -p PROFILE";
  // The command line has no tables.
  const std::string rest =
      absl::StrReplaceAll(fault.message.substr(end),
                          {{" in [[stream]]", ""}, {" in [generator]", ""}, {" in [stream.authentication]", ""}});
  return absl::StrCat("--", OptionOf(fault.message.substr(0, end)), rest);
}

}  // namespace dpvrrp
