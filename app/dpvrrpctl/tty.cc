// SPDX-License-Identifier: BSD-3-Clause
#include "tty.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace dpvrrp {
namespace {

constexpr size_t kUsualWidth = 80;  // of a terminal that does not tell its size
constexpr size_t kUsualHeight = 24;
constexpr size_t kNarrowest = 20;  // a smaller size is an error of the terminal

bool IsSet(const char* variable) {
  const char* value = getenv(variable);
  return value != nullptr && *value != '\0';
}

bool IsInPath(const std::string& program) {
  const char* path = getenv("PATH");
  for (const std::string& folder : std::vector<std::string>(absl::StrSplit(path == nullptr ? "" : path, ':'))) {
    if (access(absl::StrCat(folder, "/", program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::string PagerCommand() {
  const char* pager = getenv("PAGER");
  if (pager != nullptr) return pager;  // empty: none
  return IsInPath("less") ? "less" : "";
}

}  // namespace

Tty Tty::Now() {
  Tty tty;
  tty.is_terminal = isatty(STDOUT_FILENO) == 1;
  if (!tty.is_terminal) return tty;
  winsize size{};
  const bool told = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kNarrowest && size.ws_row > 1;
  tty.width = told ? size.ws_col : kUsualWidth;
  tty.height = told ? size.ws_row : kUsualHeight;
  const char* kind = getenv("TERM");
  tty.colour = !IsSet("NO_COLOR") && kind != nullptr && std::string_view(kind) != "dumb";
  tty.can_ask = isatty(STDIN_FILENO) == 1;
  return tty;
}

void Print(const std::string& text) {
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);  // streams are read through pipes, line by line
}

void Page(const Tty& tty, const std::string& text) {
  const bool is_long = static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) >= tty.height;
  const std::string command = tty.is_terminal && is_long ? PagerCommand() : "";
  if (command.empty()) return Print(text);
  // -F, -R and -X: it ends at once if the text fits, passes colours on, and leaves the text on the screen.
  setenv("LESS", "FRX", 0);
  // The pager obeys Ctrl-C itself. If it ends before it has read everything, writing to it must not end this program.
  struct sigaction ignore {
  }, interrupt{}, pipe{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &pipe);
  FILE* pager = popen(command.c_str(), "we");
  sigaction(SIGINT, &ignore, &interrupt);
  if (pager != nullptr) {
    fwrite(text.data(), 1, text.size(), pager);
    const int status = pclose(pager);
    constexpr int kNotFound = 127 << 8;  // what the shell says
    if (status == kNotFound) pager = nullptr;
  }
  sigaction(SIGINT, &interrupt, nullptr);
  sigaction(SIGPIPE, &pipe, nullptr);
  if (pager == nullptr) Print(text);
}

bool AskYes(const std::string& question) {
  fprintf(stderr, "%s\nDo it? [y/N] ", question.c_str());
  fflush(stderr);
  char answer[16] = "";
  if (fgets(answer, sizeof(answer), stdin) == nullptr) {
    fputc('\n', stderr);
    clearerr(stdin);  // Ctrl-C, or the end of the input
    return false;
  }
  // The rest of a long line must not answer the next question.
  for (int c = std::strchr(answer, '\n') == nullptr ? getchar() : '\n'; c != '\n' && c != EOF; c = getchar()) {
  }
  return answer[0] == 'y' || answer[0] == 'Y';
}

struct sigaction InterruptInsteadOfDying(int signal) {
  struct sigaction action {
  }, before{};
  action.sa_handler = [](int) {};
  sigaction(signal, &action, &before);
  return before;
}

}  // namespace dpvrrp
