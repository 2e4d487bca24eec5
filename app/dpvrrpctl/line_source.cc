// SPDX-License-Identifier: BSD-3-Clause
#include "line_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#ifdef DPVRRP_HAVE_LIBEDIT
#include <histedit.h>
#endif

#include "tty.h"

namespace dpvrrp {
namespace {

constexpr char kPrompt[] = "dpvrrp> ";

class PipedLines : public LineSource {
 public:
  std::optional<std::string> Next() override {
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
};

#ifdef DPVRRP_HAVE_LIBEDIT

constexpr int kHistoryLines = 500;
constexpr size_t kListedUnasked = 100;  // candidates; more are listed only if the operator agrees

// $XDG_STATE_HOME/dpvrrpctl_history, or ~/.dpvrrpctl_history; empty: there is no such place. Made with mode 0600,
// because command lines may name files and addresses.
std::string HistoryFile() {
  const char* state = getenv("XDG_STATE_HOME");
  const char* home = getenv("HOME");
  std::string file;
  if (state != nullptr && *state == '/') {
    file = std::string(state) + "/dpvrrpctl_history";
  } else if (home != nullptr && *home == '/') {
    file = std::string(home) + "/.dpvrrpctl_history";
  }
  if (file.empty()) return file;
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return "";
  close(fd);
  return file;
}

// The start of the word that ends at the end of `text`. Blanks in double quotes do not separate words.
size_t LastWordStart(const std::string& text) {
  size_t start = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (!quoted && (text[i] == ' ' || text[i] == '\t')) start = i + 1;
  }
  return start;
}

std::string CommonPrefix(const std::vector<std::string>& words) {
  std::string prefix = words.front();
  for (const std::string& word : words) {
    while (word.compare(0, prefix.size(), prefix) != 0) prefix.pop_back();
  }
  return prefix;
}

// Below each other, in as many columns as fit.
std::string InColumns(const std::vector<std::string>& words, size_t screen) {
  size_t widest = 0;
  for (const std::string& word : words) widest = std::max(widest, word.size());
  const size_t columns = std::max<size_t>(1, screen / (widest + 2));
  const size_t rows = (words.size() + columns - 1) / columns;
  std::string out = "\n";
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = row; i < words.size(); i += rows) {
      out += "  " + words[i];
      if (i + rows < words.size()) out.append(widest - words[i].size(), ' ');
    }
    out += '\n';
  }
  return out;
}

class LibeditPrompt : public LineSource {
 public:
  explicit LibeditPrompt(Completer completer) : completer_(std::move(completer)) {
    editor_ = el_init("dpvrrpctl", stdin, stdout, stderr);
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, kHistoryLines);
    history(history_, &event, H_SETUNIQUE, 1);
    file_ = HistoryFile();
    if (!file_.empty()) history(history_, &event, H_LOAD, file_.c_str());
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(
        editor_, EL_PROMPT, +[](EditLine*) { return const_cast<char*>(kPrompt); });
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, history, history_);
    el_set(editor_, EL_ADDFN, "dpvrrp-complete", "complete the last word", &LibeditPrompt::OnTab);
    el_set(editor_, EL_BIND, "^I", "dpvrrp-complete", nullptr);
    el_set(editor_, EL_ADDFN, "dpvrrp-help", "what may stand here", &LibeditPrompt::OnQuestionMark);
    el_set(editor_, EL_BIND, "?", "dpvrrp-help", nullptr);
    el_source(editor_, nullptr);
  }
  ~LibeditPrompt() override {
    history_end(history_);
    el_end(editor_);
  }
  LibeditPrompt(const LibeditPrompt&) = delete;
  LibeditPrompt& operator=(const LibeditPrompt&) = delete;

  std::optional<std::string> Next() override {
    int length = 0;
    const char* text = el_gets(editor_, &length);
    if (text == nullptr && length == -1) {  // a signal
      el_set(editor_, EL_UNBUFFERED, 0);
      fputs("\n", stdout);
      return "";
    }
    if (text == nullptr || length <= 0) return std::nullopt;
    std::string line(text, static_cast<size_t>(length));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    HistEvent event;
    if (line.empty()) return line;
    history(history_, &event, H_ENTER, line.c_str());
    if (!file_.empty()) history(history_, &event, H_SAVE, file_.c_str());  // at once: the terminal may be closed
    return line;
  }

 private:
  static unsigned char OnTab(EditLine* editor, int) {
    LibeditPrompt* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    const LineInfo* info = el_line(editor);
    const std::string before(info->buffer, info->cursor);
    const std::vector<std::string> candidates = self->completer_(before);
    if (candidates.empty()) return CC_ERROR;

    const size_t start = LastWordStart(before);
    std::string insert = CommonPrefix(candidates);
    if (candidates.size() == 1) insert += ' ';
    if (insert.size() > before.size() - start) {
      el_deletestr(editor, static_cast<int>(before.size() - start));
      el_insertstr(editor, insert.c_str());
      return CC_REFRESH;
    }
    return self->List(candidates);
  }

  // "?" at the place of a word lists what may stand there. Inside a word it is a character, of a glob for example.
  static unsigned char OnQuestionMark(EditLine* editor, int) {
    LibeditPrompt* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    const LineInfo* info = el_line(editor);
    const std::string before(info->buffer, info->cursor);
    if (LastWordStart(before) < before.size()) {
      el_insertstr(editor, "?");
      return CC_REFRESH;
    }
    const std::vector<std::string> candidates = self->completer_(before);
    return candidates.empty() ? CC_ERROR : self->List(candidates);
  }

  unsigned char List(const std::vector<std::string>& candidates) {
    if (candidates.size() > kListedUnasked) {
      printf("\n%zu possibilities, list them? [y/N] ", candidates.size());
      fflush(stdout);
      char answer = 0;
      if (el_getc(editor_, &answer) != 1 || (answer != 'y' && answer != 'Y')) {
        fputc('\n', stdout);
        return CC_REDISPLAY;
      }
    }
    fputs(InColumns(candidates, Tty::Now().width).c_str(), stdout);
    return CC_REDISPLAY;
  }

  Completer completer_;
  std::string file_;  // of the history; empty: none
  EditLine* editor_ = nullptr;
  History* history_ = nullptr;
};

#else

class PlainPrompt : public LineSource {
 public:
  std::optional<std::string> Next() override {
    fputs(kPrompt, stdout);
    fflush(stdout);
    std::string line;
    errno = 0;
    if (std::getline(std::cin, line)) return line;
    fputs("\n", stdout);
    if (errno != EINTR) return std::nullopt;
    clearerr(stdin);
    std::cin.clear();
    return "";
  }
};

#endif

}  // namespace

std::unique_ptr<LineSource> MakePipedLines() { return std::make_unique<PipedLines>(); }

std::unique_ptr<LineSource> MakePrompt([[maybe_unused]] LineSource::Completer completer) {
#ifdef DPVRRP_HAVE_LIBEDIT
  return std::make_unique<LibeditPrompt>(std::move(completer));
#else
  return std::make_unique<PlainPrompt>();
#endif
}

}  // namespace dpvrrp
