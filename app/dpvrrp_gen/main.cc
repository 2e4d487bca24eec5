// SPDX-License-Identifier: BSD-3-Clause
//
// dpvrrp-gen: a traffic generator for labs with VRRP routers. docs/generator.md describes it.
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/count_text.h"
#include "cli/report.h"
#include "dataplane/lab_device.h"
#include "gen/command_line.h"
#include "gen/outcome.h"
#include "gen/profile.h"
#include "io/secret_file.h"
#include "run.h"

namespace dpvrrp {
namespace {

enum ExitStatus { kOk = 0, kFailed = 1, kUsageError = 2, kBadProfile = 3 };

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal handler may use it

void RequestStop(int) { stop_requested.store(true); }

void Say(absl::string_view text) { std::fprintf(stderr, "dpvrrp-gen: %s\n", std::string(text).c_str()); }

absl::StatusOr<SecretBytes> ReadSecret(const std::string& path) {
  absl::StatusOr<std::vector<uint8_t>> bytes = ReadSecretFile(path);
  if (!bytes.ok()) return bytes.status();
  return SecretBytes(*std::move(bytes));
}

absl::StatusOr<std::string> ReadText(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()) || file.bad()) {
    return absl::NotFoundError(absl::StrCat("profile '", path, "': cannot be read, or is empty"));
  }
  return text.str();
}

int ListKinds() {
  Table table{{"kind", "without_authentication", "password", "ah", "auth_hmac", "meaning"}, {}};
  for (const GenKind& kind : AllGenKinds()) {
    std::vector<Value> row = {Text(kind.name)};
    for (const std::optional<DropReason>& end : kind.ends) {
      row.push_back(!end ? Null() : Text(*end == DropReason::kNone ? "accepted" : ToString(*end)));
    }
    row.push_back(Text(kind.meaning));
    table.rows.push_back(std::move(row));
  }
  return std::fputs(RenderText({{{"", std::move(table)}}, ""}).c_str(), stdout) < 0 ? kFailed : kOk;
}

absl::Status NotWritten(const std::string& picture) {
  return absl::FailedPreconditionError(absl::StrCat("--svg '", picture, "': cannot be written"));
}

// Before the run, so that a bad path does not cost a run. A picture of an earlier run stays until WritePicture().
absl::Status CheckPicture(const std::string& path) {
  return path.empty() || std::ofstream(path, std::ios::app) ? absl::OkStatus() : NotWritten(path);
}

absl::Status WritePicture(const std::string& path, const std::string& svg) {
  if (path.empty()) return absl::OkStatus();
  std::ofstream file(path);
  file << svg;
  file.close();
  return file ? absl::OkStatus() : NotWritten(path);
}

int Send(const GenCommandLine& line, const GenProfile& profile) {
  if (const absl::Status lab = CheckIsLab(profile.device); !lab.ok() && !line.own_network) {
    Say(lab.message());
    return kFailed;
  }
  struct sigaction action {};
  action.sa_handler = RequestStop;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  auto port = SinglePort::Open({profile.device, profile.lcore, line.eal_arguments, {}});
  if (!port.ok()) {
    Say(port.status().message());
    return kFailed;
  }
  if (const absl::Status picture = CheckPicture(line.svg_file); !picture.ok()) {
    Say(picture.message());
    return kFailed;
  }
  absl::StatusOr<GenRunResult> result = RunProfile(profile, **port, stop_requested);
  if (!result.ok()) {
    Say(result.status().message());
    return kFailed;
  }
  const Report report = GenOutcome(profile, result->facts, result->observer, line.instances || line.json);
  const std::string text = line.json ? RenderJson(report) : RenderText(report);
  bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  const absl::Status picture = WritePicture(line.svg_file, GenPictures(result->observer));
  if (!picture.ok()) Say(picture.message());
  written = written && picture.ok();
  return written ? kOk : kFailed;
}

int Main(int argc, char** argv) {
  const absl::StatusOr<GenCommandLine> line = ParseGenCommandLine(argc, argv);
  if (!line.ok()) {
    Say(absl::StrCat(line.status().message(), "; --help shows the options"));
    return kUsageError;
  }
  if (line->help) return std::fputs(kGenUsage, stdout) < 0 ? kFailed : kOk;
  if (line->version) return std::puts("dpvrrp-gen " DPVRRP_VERSION) < 0 ? kFailed : kOk;
  if (line->list_kinds) return ListKinds();
  const absl::StatusOr<std::string> text = ReadText(line->profile_file);
  if (!text.ok()) {
    Say(text.status().message());
    return kBadProfile;
  }
  const GenProfileResult read = ReadGenProfile(*text, line->profile_file, line->options, ReadSecret);
  for (const ConfigFault& fault : read.errors) Say(GenFaultText(fault));
  if (!read.errors.empty()) return line->profile_file.empty() ? kUsageError : kBadProfile;
  if (!line->check) return Send(*line, read.profile);
  size_t routers = 0;
  for (const GenStream& stream : read.profile.streams) routers += stream.routers.size();
  std::printf("valid: %s, %s\n", CountText(read.profile.streams.size(), "stream").c_str(),
              CountText(routers, "virtual router").c_str());
  return kOk;
}

}  // namespace
}  // namespace dpvrrp

int main(int argc, char** argv) { return dpvrrp::Main(argc, argv); }
