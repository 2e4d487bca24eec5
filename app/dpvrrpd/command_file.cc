// SPDX-License-Identifier: BSD-3-Clause
#include "command_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "control/commands/commands.h"

namespace dpvrrp {
namespace {

// One byte more than is permitted shows that the file is too long.
absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kMaxScriptBytes + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.eof() && !in) return absl::UnavailableError(std::strerror(errno));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

}  // namespace

ScriptResult LoadCommandFile(const std::string& file) {
  return ParseScript(file, ReadTextFile, [](absl::string_view line) { return ParseCall(line).status(); });
}

}  // namespace dpvrrp
