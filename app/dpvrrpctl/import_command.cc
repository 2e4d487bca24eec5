// SPDX-License-Identifier: BSD-3-Clause
#include "import_command.h"

#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "import_files.h"
#include "import_host.h"
#include "keepalived/import.h"

namespace dpvrrp {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int Fail(const absl::Status& status, int code) {
  fputs(absl::StrCat("dpvrrpctl: ", status.message(), "\n").c_str(), stderr);
  return code;
}

}  // namespace

absl::StatusOr<ImportArguments> ParseImportArguments(const std::vector<std::string>& words) {
  ImportArguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--json") {
      arguments.json = true;
    } else if (word == "--no-host") {
      arguments.use_host = false;
    } else if (word == "-o" || word == "--output" || word == "-i" || word == "--config-id") {
      if (i + 1 == words.size() || words[i + 1].empty())
        return absl::InvalidArgumentError(absl::StrCat(word, " needs a value"));
      (absl::StrContains(word, "o") && word != "--config-id" ? arguments.folder : arguments.config_id) = words[i + 1];
      ++i;
    } else if (absl::StartsWith(word, "--output=") || absl::StartsWith(word, "--config-id=")) {
      const size_t equals = word.find('=');
      if (equals + 1 == word.size())
        return absl::InvalidArgumentError(absl::StrCat(word.substr(0, equals), " needs a value"));
      (word[2] == 'o' ? arguments.folder : arguments.config_id) = word.substr(equals + 1);
    } else if (absl::StartsWith(word, "-")) {
      return absl::InvalidArgumentError(absl::StrCat("unknown option '", word, "' of import"));
    } else if (!arguments.file.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("import takes one file, got '", arguments.file, "' and '", word, "'"));
    } else {
      arguments.file = word;
    }
  }
  if (arguments.file.empty()) return absl::InvalidArgumentError("import needs a keepalived.conf");
  return arguments;
}

std::string ImportUsage() {
  return "usage: dpvrrpctl import [-o DIR] [-i ID] [--no-host] [--json] FILE\n"
         "\n"
         "Translates a keepalived.conf into a configuration of dpvrrpd. It prints the configuration, and a report with "
         "a\n"
         "line for each statement on standard error. No daemon is needed, and nothing is changed.\n"
         "\n"
         "  -o, --output DIR    write DIR/dpvrrp.toml, and keys and passwords into files of their own beside it; the\n"
         "                      report is printed. No file is overwritten\n"
         "  -i, --config-id ID  which @ID lines apply, as keepalived's -i; default: the first part of the host's name\n"
         "  --no-host           take no address, program or user from this machine\n"
         "  --json              the report in JSON\n"
         "\n"
         "Exit status: 0 done, 1 the file cannot be read or has a fault, 2 usage, 3 something must be decided,\n"
         "4 something is not supported.\n";
}

int RunImport(const std::vector<std::string>& words) {
  if (words.size() == 1 && (words[0] == "-h" || words[0] == "--help")) {
    fputs(ImportUsage().c_str(), stdout);
    return 0;
  }
  const absl::StatusOr<ImportArguments> arguments = ParseImportArguments(words);
  if (!arguments.ok()) {
    Fail(arguments.status(), kUsage);
    fputs(ImportUsage().c_str(), stderr);
    return kUsage;
  }
  keepalived::ImportRequest request;
  request.file = arguments->file;
  request.config_id = arguments->config_id.empty() ? HostName() : arguments->config_id;
  request.secret_files = !arguments->folder.empty();
  const absl::StatusOr<keepalived::ImportResult> result = keepalived::ImportKeepalived(
      request, FileReader(), arguments->use_host ? ThisHost() : keepalived::HostKnowledge());
  if (!result.ok()) return Fail(result.status(), kFailed);
  if (request.secret_files) {
    const absl::Status written = WriteImport(arguments->folder, *result);
    if (!written.ok()) return Fail(written, kFailed);
  } else {
    fputs(result->toml.c_str(), stdout);
  }
  fputs((arguments->json ? result->report.Json() : result->report.Text()).c_str(),
        request.secret_files ? stdout : stderr);
  return result->report.ExitStatus();
}

}  // namespace dpvrrp
