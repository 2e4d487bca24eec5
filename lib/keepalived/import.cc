// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/import.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "keepalived/context.h"
#include "keepalived/groups.h"
#include "keepalived/instances.h"
#include "keepalived/read.h"

namespace dpvrrp::keepalived {
namespace {

std::string BaseName(absl::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }  // npos + 1 is 0

void Append(const std::string& text, std::string* out) { absl::StrAppend(out, "\n", text); }

void Append(const TomlTable& table, std::string* out) { Append(table.Text(), out); }

// Whether the comments of the block stand in a table of its own.
bool HasTable(const Statement& statement) {
  const absl::string_view word = statement.word(0);
  return !statement.note && (word == "vrrp_instance" || word == "vrrp_script" || word == "vrrp_sync_group" ||
                             word == "vrrp_track_process" || word == "track_process");
}

// The other comments stand at the head of the file, except those behind its last statement.
std::string HeadComments(std::vector<std::string> beginning, const std::vector<Statement>& statements,
                         const TomlTable& garp, const TomlTable& scripts) {
  TomlTable head("");
  head.Above(std::move(beginning));
  head.PlacedIn(garp);
  head.PlacedIn(scripts);
  for (const Statement& statement : statements) {
    if (!HasTable(statement) && !statement.words.empty()) head.Keep(statement);
  }
  const std::string text = head.Comments();
  return text.empty() ? "" : absl::StrCat("\n", text);
}

std::string TailComments(const std::vector<Statement>& statements) {
  TomlTable tail("");
  if (!statements.empty() && statements.back().words.empty()) tail.Keep(statements.back());
  const std::string text = tail.Comments();
  return text.empty() ? "" : absl::StrCat("\n", text);
}

// Comments beside secrets often have another secret, such as the one that was used before. They are not carried over.
void DropCommentsOfSecrets(bool inside, std::vector<Statement>* statements) {
  for (Statement& statement : *statements) {
    const bool holds = statement.word(0) == "authentication" || statement.word(0) == "auth_hmac";
    if (inside) statement.comments.clear();
    if (inside || holds) {
      statement.comment.clear();
      statement.closing.clear();
    }
    DropCommentsOfSecrets(inside || holds, &statement.block);
  }
}

}  // namespace

absl::StatusOr<ImportResult> ImportKeepalived(const ImportRequest& request, const SourceReader& reader,
                                              const HostKnowledge& host) {
  DPVRRP_ASSIGN_OR_RETURN(const std::vector<SourceLine> lines, ReadSource(request.file, request.config_id, reader));
  DPVRRP_ASSIGN_OR_RETURN(std::vector<Statement> statements, ParseStatements(lines));
  DropCommentsOfSecrets(false, &statements);
  // What the file begins with is about the file, not about its first statement.
  std::vector<std::string> beginning;
  if (!statements.empty()) beginning = std::exchange(statements[0].comments, {});
  Notes notes;
  notes.Open(&statements);
  const Model model = ReadModel(statements, notes);
  const Context context{model, notes, host, request};
  Programs programs(context);
  Tracks tracks(context, programs);
  Instances instances(context, programs, tracks);

  // Each part says what it uses, so the texts are made before they are put in order.
  const std::vector<std::string> instance_texts = instances.Texts();
  const std::vector<TomlTable> groups = GroupTables(context, instances, programs, tracks);
  const std::vector<TomlTable> track_tables = tracks.Tables();
  const TomlTable scripts = programs.ScriptsTable();
  const TomlTable garp = GarpTable(context, instances);

  ImportResult result;
  std::string& out = result.toml;
  out = absl::StrCat("# From ", Utf8(BaseName(request.file)), ", by dpvrrpctl import.\n");
  absl::StrAppend(&out, HeadComments(std::move(beginning), statements, garp, scripts));
  TomlTable daemon("[daemon]");
  daemon.Set("lcores", "[1]");
  daemon.SetText("idle", "sleep");
  daemon.Mark("the CPU is shared with other programs");
  Append(daemon, &out);
  if (!garp.empty()) Append(garp, &out);
  if (!scripts.empty()) Append(scripts, &out);
  for (const TomlTable& table : track_tables) Append(table, &out);
  for (const TomlTable& table : instances.ports().Tables()) Append(table, &out);
  for (const TomlTable& table : instances.authentication().keyrings()) Append(table, &out);
  for (const std::string& text : instance_texts) Append(text, &out);
  for (const TomlTable& table : groups) Append(table, &out);
  absl::StrAppend(&out, TailComments(statements));
  result.secrets = instances.authentication().TakeSecrets();
  result.report = notes.Take();
  return result;
}

}  // namespace dpvrrp::keepalived
