// SPDX-License-Identifier: BSD-3-Clause
#include "line_source.h"

#include <cerrno>
#include <cstdio>
#include <iostream>

#ifdef DPVRRP_HAVE_LIBEDIT
#include <histedit.h>
#endif

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

class LibeditPrompt : public LineSource {
 public:
  explicit LibeditPrompt(Completer completer) : completer_(std::move(completer)) {
    editor_ = el_init("dpvrrpctl", stdin, stdout, stderr);
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, kHistoryLines);
    history(history_, &event, H_SETUNIQUE, 1);
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(
        editor_, EL_PROMPT, +[](EditLine*) { return const_cast<char*>(kPrompt); });
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, history, history_);
    el_set(editor_, EL_ADDFN, "dpvrrp-complete", "complete the last word", &LibeditPrompt::OnTab);
    el_set(editor_, EL_BIND, "^I", "dpvrrp-complete", nullptr);
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
    if (!line.empty()) history(history_, &event, H_ENTER, line.c_str());
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
    fputc('\n', stdout);
    for (const std::string& candidate : candidates) printf("  %s\n", candidate.c_str());
    return CC_REDISPLAY;
  }

  Completer completer_;
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
