// SPDX-License-Identifier: BSD-3-Clause
#include "io/thread_state.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace dpvrrp {
namespace {

// The fields of /proc/.../stat that we read, numbered from 1 as in proc(5).
struct Stat {
  std::string name;      // 2
  char state = '?';      // 3
  uint64_t ticks = 0;    // 14 and 15: user and system time
  uint32_t threads = 1;  // 20
  uint32_t cpu = 0;      // 39
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The name is in parentheses and may contain blanks and parentheses: the last one ends it.
std::optional<Stat> ParseStat(const std::string& text) {
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  const std::vector<std::string> fields = absl::StrSplit(text.substr(close + 1), ' ', absl::SkipEmpty());
  constexpr size_t kFirst = 3;  // the number of the field in fields[0]
  if (fields.size() <= 39 - kFirst) return std::nullopt;
  Stat stat;
  stat.name = text.substr(open + 1, close - open - 1);
  for (char& c : stat.name) c = absl::ascii_isprint(static_cast<unsigned char>(c)) ? c : '?';
  stat.state = fields[0][0];
  uint64_t user = 0, system = 0;
  const bool numbers = absl::SimpleAtoi(fields[14 - kFirst], &user) && absl::SimpleAtoi(fields[15 - kFirst], &system) &&
                       absl::SimpleAtoi(fields[20 - kFirst], &stat.threads) &&
                       absl::SimpleAtoi(fields[39 - kFirst], &stat.cpu);
  stat.ticks = user + system;
  return numbers ? std::optional(stat) : std::nullopt;
}

bool IsNumber(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

// The names of a directory's entries that are numbers: processes, or threads.
std::vector<std::string> Numbers(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (IsNumber(name)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

std::optional<ThreadState> ReadThreadState(pid_t thread, const std::string& proc) {
  const std::string directory = absl::StrCat(proc, "/self/task/", thread);
  const std::optional<Stat> stat = ParseStat(ReadFile(directory + "/stat"));
  if (!stat.has_value()) return std::nullopt;
  ThreadState state;
  state.state = stat->state;
  state.cpu = stat->cpu;
  const std::vector<std::string> times = absl::StrSplit(ReadFile(directory + "/schedstat"), ' ');
  if (times.size() < 2 || !absl::SimpleAtoi(times[1], &state.waited_ns)) state.waited_ns = 0;
  return state;
}

std::vector<std::string> ThreadsThatWant(uint32_t cpu, const std::string& proc) {
  struct Found {
    uint64_t ticks;
    std::string text;
  };
  std::vector<Found> found;
  size_t read = 0;
  const std::string own = absl::StrCat(getpid());
  for (const std::string& process : Numbers(proc)) {
    if (process == own) continue;
    if (++read > kMaxThreadsRead) break;
    const std::string directory = absl::StrCat(proc, "/", process);
    const std::optional<Stat> main = ParseStat(ReadFile(directory + "/stat"));
    if (!main.has_value()) continue;  // the process has ended meanwhile
    std::vector<Stat> threads = {*main};
    if (main->threads > 1) {
      threads.clear();
      for (const std::string& thread : Numbers(directory + "/task")) {
        if (++read > kMaxThreadsRead) break;
        const std::optional<Stat> stat = ParseStat(ReadFile(absl::StrCat(directory, "/task/", thread, "/stat")));
        if (stat.has_value()) threads.push_back(*stat);
      }
    }
    const auto wants = [cpu](const Stat& s) { return s.state == 'R' && s.cpu == cpu; };
    const auto thread = std::find_if(threads.begin(), threads.end(), wants);
    if (thread != threads.end()) found.push_back({main->ticks, absl::StrCat(thread->name, " (pid ", process, ")")});
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.ticks > b.ticks; });
  std::vector<std::string> texts;
  for (Found& each : found) texts.push_back(std::move(each.text));
  return texts;
}

}  // namespace dpvrrp
