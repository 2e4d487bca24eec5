// SPDX-License-Identifier: BSD-3-Clause
#include "replay_command.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "replay/replay.h"
#include "replay/replay_output.h"
#include "replay/replay_trace.h"

namespace dpvrrp {
namespace {

absl::StatusOr<std::vector<uint8_t>> ReadCaptureFile(const std::string& path) {
  constexpr size_t kPiece = 1 << 20;
  std::ifstream in(path, std::ios::binary);
  std::vector<uint8_t> bytes;
  while (in) {
    const size_t had = bytes.size();
    bytes.resize(had + kPiece);
    in.read(reinterpret_cast<char*>(bytes.data() + had), kPiece);  // throws nothing, as iterators of the buffer may
    bytes.resize(had + static_cast<size_t>(in.gcount()));
  }
  if (!in.eof()) return absl::UnavailableError(std::strerror(errno));  // a folder can be opened, but not read
  return bytes;
}

absl::Status InFile(const std::string& file, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(file, ": ", status.message()));
}

absl::Status WriteCapture(const std::string& path, const std::string& bytes) {
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  return out ? absl::OkStatus() : InFile(path, absl::UnavailableError(std::strerror(errno)));
}

}  // namespace

absl::Status RunReplay(const Options& options, Config config) {
  std::error_code ignored;
  if (!options.write.empty() && std::filesystem::equivalent(options.replay, options.write, ignored)) {
    return absl::InvalidArgumentError(absl::StrCat("--write '", options.write, "': is the capture itself"));
  }
  const absl::StatusOr<std::vector<uint8_t>> file = ReadCaptureFile(options.replay);
  if (!file.ok()) return InFile(options.replay, file.status());
  const absl::StatusOr<Capture> capture = ParseCapture(*file);
  if (!capture.ok()) return InFile(options.replay, capture.status());
  DPVRRP_ASSIGN_OR_RETURN(const CapturePorts ports, PortsOfCapture(*capture, config, options.port));
  std::vector<std::string> names;
  for (const PortConfig& port : config.ports) names.push_back(port.name);
  const auto print = [](const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); };
  if (options.traced > 0) {
    ReplayTrace trace(options.traced, options.json, 0);
    const absl::Status played = Replay(std::move(config), *capture, ports, trace);
    if (!played.ok()) return InFile(options.replay, played);
    DPVRRP_ASSIGN_OR_RETURN(const std::string text, trace.Result());
    print(text);
    return std::fflush(stdout) == 0 ? absl::OkStatus()
                                    : absl::UnavailableError(absl::StrCat("stdout: ", std::strerror(errno)));
  }
  ReplayOutput output(std::move(names), options.json, !options.write.empty(), print);
  const absl::Status status = Replay(std::move(config), *capture, ports, output);
  if (!status.ok()) return InFile(options.replay, status);
  output.Finish();
  if (std::fflush(stdout) != 0) return absl::UnavailableError(absl::StrCat("stdout: ", std::strerror(errno)));
  return options.write.empty() ? absl::OkStatus() : WriteCapture(options.write, output.pcapng());
}

}  // namespace dpvrrp
