// SPDX-License-Identifier: BSD-3-Clause
#include "watch.h"

#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/words.h"
#include "tty.h"

namespace dpvrrp {
namespace {

constexpr double kShortest = 0.1, kLongest = 3600;  // seconds between two frames
constexpr char kDefaultCommand[] = "show overview";

volatile sig_atomic_t interrupted = 0;

// The whole screen: no line feed at its end, no cursor, no echo, no wrapping of long lines. The destructor restores it.
class WholeScreen {
 public:
  WholeScreen() {
    struct sigaction action {};
    action.sa_handler = [](int number) {
      if (number != SIGWINCH) interrupted = 1;  // a new size only ends the pause
    };
    interrupted = 0;
    for (size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &action, &before_[i]);
    has_input_ = tcgetattr(STDIN_FILENO, &modes_) == 0;
    if (has_input_) {
      termios quiet = modes_;
      quiet.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      quiet.c_cc[VSUSP] = _POSIX_VDISABLE;  // a stopped watch would leave the shell without a cursor
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    Print("\x1b[?1049h\x1b[?25l\x1b[?7l");
  }
  ~WholeScreen() {
    Print("\x1b[?7h\x1b[?25h\x1b[?1049l");
    if (has_input_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &modes_);
    for (size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  }
  WholeScreen(const WholeScreen&) = delete;
  WholeScreen& operator=(const WholeScreen&) = delete;

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
  struct sigaction before_[std::size(kSignals)]{};
  termios modes_{};
  bool has_input_ = false;
};

// False: the operator ends it.
bool Pause(double seconds) {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  const int ready = poll(&input, 1, static_cast<int>(std::lround(seconds * 1000)));
  if (interrupted != 0) return false;
  if (ready <= 0) return true;  // the time is over, or the size has changed
  char key = 0;
  const ssize_t got = read(STDIN_FILENO, &key, 1);
  if (got <= 0) return got < 0 && errno == EINTR && interrupted == 0;
  return key != 'q' && key != 'Q';
}

void Draw(const Tty& tty, const std::string& head, const std::string& body) {
  std::vector<std::string> lines = absl::StrSplit(body, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  const size_t room = tty.height - 2;  // below the head and an empty line
  // Each line is cleared before it is written: after a line as wide as the screen, the cursor is still on its last
  // letter.
  std::string out = absl::StrCat("\x1b[H\x1b[K", head, "\r\n\x1b[K");
  const bool cut = lines.size() > room;
  for (size_t i = 0; i < std::min(lines.size(), cut ? room - 1 : room); ++i) {
    absl::StrAppend(&out, "\r\n\x1b[K", lines[i], "\x1b[0m");
  }
  if (cut) absl::StrAppend(&out, "\r\n\x1b[K", lines.size() - room + 1, " more lines");
  Print(absl::StrCat(out, cut || lines.size() == room ? "" : "\r\n\x1b[J"));
}

std::string Head(const Tty& tty, double seconds, const std::string& command) {
  char clock[16] = "";
  const time_t now = time(nullptr);
  tm parts{};
  if (gmtime_r(&now, &parts) != nullptr) strftime(clock, sizeof(clock), "%H:%M:%S UTC", &parts);
  std::string left = absl::StrCat("every ", seconds, " s: ", command, "   (q ends)");
  const size_t needed = std::string_view(clock).size() + 1;
  if (tty.width <= needed) return left;
  left.resize(tty.width - needed, ' ');
  return absl::StrCat(left, " ", clock);
}

ExitCode Fail(const std::string& text) {
  fputs(absl::StrCat("dpvrrpctl: ", text, "\n").c_str(), stderr);
  return ExitCode::kUsage;
}

}  // namespace

ExitCode Watch(Session& session, std::vector<std::string> words) {
  double seconds = 1;
  if (!words.empty() && (words[0] == "--interval" || words[0] == "-n" || absl::StartsWith(words[0], "--interval="))) {
    const size_t equals = words[0].find('=');
    if (equals == std::string::npos && words.size() < 2) return Fail("--interval needs a number of seconds");
    const std::string text = equals == std::string::npos ? words[1] : words[0].substr(equals + 1);
    if (!absl::SimpleAtod(text, &seconds) || !(seconds >= kShortest && seconds <= kLongest)) {
      return Fail(absl::StrCat("--interval must be ", kShortest, "..", kLongest, " seconds, got '", text, "'"));
    }
    words.erase(words.begin(), words.begin() + (equals == std::string::npos ? 2 : 1));
  }
  const bool only_flags =
      std::all_of(words.begin(), words.end(), [](const std::string& word) { return absl::StartsWith(word, "--"); });
  const std::string command =
      absl::StrCat(only_flags ? kDefaultCommand : "", only_flags && !words.empty() ? " " : "", JoinWords(words));
  if (!Tty::Now().is_terminal) {
    return Fail(absl::StrCat("watch needs a terminal as standard output; for a program: dpvrrpctl --json ", command));
  }
  // The first answer decides whether the command makes sense. Later ones may fail: the daemon may be restarted.
  Session::Look look = session.LookAt(command);
  if (look.code != ExitCode::kOk) {
    fputs(look.text.c_str(), stderr);
    return look.code;
  }
  const WholeScreen screen;
  while (true) {
    const Tty tty = Tty::Now();
    Draw(tty, Head(tty, seconds, command), look.text);
    if (!Pause(seconds)) return ExitCode::kOk;
    look = session.LookAt(command);
    if (interrupted != 0) return ExitCode::kOk;
  }
}

}  // namespace dpvrrp
