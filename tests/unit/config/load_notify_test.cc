// SPDX-License-Identifier: BSD-3-Clause
//
// [scripts], the notify keys, and commands.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string WithNotify(absl::string_view lines) { return absl::StrCat(kGoodFile, lines); }

TEST(LoadScriptsTest, AllKeysHaveDefaults) {
  EXPECT_EQ(Load(kGoodFile).config.scripts, ScriptsConfig());
  EXPECT_EQ(Load(WithNotify("[scripts]\n")).config.scripts, ScriptsConfig());
}

TEST(LoadScriptsTest, EveryKey) {
  const LoadResult result = Load(WithNotify(R"([scripts]
user = "keepalived_script"
timeout = "10s"
fifo = "/run/dpvrrp/notify"
start = ["/usr/local/bin/x", "a b"]
stop = "/usr/local/bin/y --flag"
)"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  ScriptsConfig expected;
  expected.user = "keepalived_script";
  expected.timeout = std::chrono::seconds(10);
  expected.fifo = "/run/dpvrrp/notify";
  expected.start = {"/usr/local/bin/x", "a b"};
  expected.stop = {"/usr/local/bin/y", "--flag"};
  EXPECT_EQ(result.config.scripts, expected);
}

TEST(LoadNotifyTest, AnInstanceHasAProgramForEachState) {
  const LoadResult result = Load(WithNotify(R"(notify = "/etc/n.sh arg"
notify_master = ["/etc/m.sh", "primary"]
notify_backup = "/etc/b.sh"
notify_fault = "/etc/f.sh"
notify_stop = "/etc/s.sh"
)"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  NotifyConfig expected;
  expected.any = {"/etc/n.sh", "arg"};
  expected.master = {"/etc/m.sh", "primary"};
  expected.backup = {"/etc/b.sh"};
  expected.fault = {"/etc/f.sh"};
  expected.stop = {"/etc/s.sh"};
  ASSERT_NE(result.config.instances[0].notify.get(), nullptr);
  EXPECT_EQ(*result.config.instances[0].notify.get(), expected);
}

TEST(LoadNotifyTest, WithoutProgramsThereIsNothing) {
  EXPECT_EQ(Load(kGoodFile).config.instances[0].notify.get(), nullptr);
}

TEST(LoadNotifyTest, TheInstancesOfATemplateShareOne) {
  const LoadResult result = Load(R"(
[[port]]
name = "lan"
device = "net_null0"
[[template]]
name = "gw-{vrid}"
port = "lan"
vrid = "1-2"
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.100/24"]
notify_fault = "/etc/f.sh"
)");
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  ASSERT_NE(result.config.instances[0].notify.get(), nullptr);
  EXPECT_EQ(result.config.instances[0].notify.get(), result.config.instances[1].notify.get());
}

std::vector<std::string> Words(absl::string_view command) {
  const LoadResult result = Load(WithNotify(absl::StrCat("[scripts]\nstart = '''", command, "'''\n")));
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  return result.config.scripts.start;
}

TEST(CommandTest, WhiteSpaceSeparatesTheWordsOfAString) {
  EXPECT_THAT(Words("/a"), ElementsAre("/a"));
  EXPECT_THAT(Words("  /a   b\t c\n"), ElementsAre("/a", "b", "c"));
}

TEST(CommandTest, QuotationMarksAndBackslashesKeepItTogether) {
  EXPECT_THAT(Words("/a 'b  c' \"d 'e\""), ElementsAre("/a", "b  c", "d 'e"));
  EXPECT_THAT(Words("'/my script' \"\" x'y z'w"), ElementsAre("/my script", "", "xy zw"));
  EXPECT_THAT(Words("/a b\\ c \"d \\\" e\" \\\\"), ElementsAre("/a", "b c", "d \" e", "\\"));
}

TEST(CommandTest, FaultsAreNamed) {
  const auto errors = [](absl::string_view command) {
    return Errors(WithNotify(absl::StrCat("notify_master = ", command, "\n")));
  };
  EXPECT_THAT(errors("''"), ElementsAre("20:17: notify_master '': must name a program"));
  EXPECT_THAT(errors("'  '"), ElementsAre("20:17: notify_master '  ': must name a program"));
  EXPECT_THAT(errors("[]"), ElementsAre("20:17: notify_master: must name a program"));
  EXPECT_THAT(errors("[\"/a\", 7]"), ElementsAre("20:24: notify_master: must be a list of strings, got an integer"));
  EXPECT_THAT(errors("7"), ElementsAre("20:17: notify_master: must be a string, or a list of strings, got an integer"));
  EXPECT_THAT(errors("'killall -0 nginx'"),
              ElementsAre("20:17: notify_master 'killall -0 nginx': must begin with the absolute path of a program, "
                          "such as /usr/bin/killall"));
  EXPECT_THAT(errors("[\"bin/x\", \"y\"]"),
              ElementsAre("20:18: notify_master 'bin/x': must begin with the absolute path of a program, such as "
                          "/usr/bin/pgrep"));
  EXPECT_THAT(errors("[\"\"]"), ElementsAre("20:18: notify_master '': must begin with the absolute path of a program, "
                                            "such as /usr/bin/pgrep"));
  EXPECT_THAT(errors("'/a \"b'"), ElementsAre("20:17: notify_master '/a \\\"b': a quotation mark, \", is not closed"));
  EXPECT_THAT(errors("'/a \\'"), ElementsAre("20:17: notify_master '/a \\\\': must not end with a backslash"));
  EXPECT_THAT(errors("\"/a \\u0000\""), ElementsAre("20:17: notify_master '/a \\000': must not contain a zero byte"));
  EXPECT_THAT(errors(absl::StrCat("[\"/a\", \"", std::string(4094, 'x'), "\"]")),
              ElementsAre("20:18: notify_master '/a': must be at most 4096 bytes; write a script file instead"));
}

TEST(CommandTest, AShellsWordsAreAWarning) {
  const auto warnings = [](absl::string_view command) {
    return WarningLines(WithNotify(absl::StrCat("[scripts]\nstart = ", command, "\n")));
  };
  EXPECT_THAT(warnings("'/bin/a && /bin/b'"),
              ElementsAre("21:9: start '/bin/a && /bin/b': no shell interprets '&&', so the program gets it as an "
                          "argument; to use a shell, write /bin/sh -c '...'"));
  EXPECT_THAT(warnings("[\"/bin/a\", \"|\", \"x\"]"),
              ElementsAre("21:9: start: no shell interprets '|', so the program gets it as an argument; to use a "
                          "shell, write /bin/sh -c '...'"));
  for (const absl::string_view word :
       {"||", "&", ";", ">", ">>", "<", ">/dev/null", "2>&1", "&>/tmp/x", "x;", "$(date)", "`date`"}) {
    EXPECT_THAT(warnings(absl::StrCat("'/bin/ping -c 1 ", word, "'")), ::testing::SizeIs(1)) << word;
  }
}

TEST(CommandTest, WordsInQuotationMarksAndAShellsScriptAreNone) {
  const auto warnings = [](absl::string_view command) {
    return WarningLines(WithNotify(absl::StrCat("[scripts]\nstart = '''", command, "'''\n")));
  };
  for (const absl::string_view command :
       {"/bin/grep '|' /etc/x", "/bin/sh -c 'test -e /run/a && test -e /run/b' ", "/usr/bin/env bash -ec \"a | b\"",
        "/bin/su - nobody -c 'a;b' ", "/bin/a a->b x=1 -- a&b", "/bin/a \\&\\&"}) {
    EXPECT_THAT(warnings(command), IsEmpty()) << command;
  }
  EXPECT_THAT(WarningLines(WithNotify("[scripts]\nstart = [\"/bin/sh\", \"-c\", \"date; ls `pwd`\"]\n")), IsEmpty());
  EXPECT_THAT(warnings("/bin/sh -c 'a' > /dev/null"), ::testing::SizeIs(1));
}

TEST(LoadScriptsTest, FaultsAreNamed) {
  const auto errors = [](absl::string_view line) {
    return Errors(WithNotify(absl::StrCat("[scripts]\n", line, "\n")));
  };
  EXPECT_THAT(errors("user = \"\""),
              ElementsAre("21:8: user '': must be 1 to 32 of A-Z a-z 0-9 . _ -, not beginning with -"));
  EXPECT_THAT(errors("timeout = 0"), ElementsAre("21:11: timeout '0': must be 10ms..3600s"));
  EXPECT_THAT(errors("fifo = \"run/x\""), ElementsAre("21:8: fifo 'run/x': must be an absolute path"));
  EXPECT_THAT(errors("notify = \"/a\""),
              ElementsAre("21:1: unknown key 'notify' in [scripts]: known keys are user, timeout, fifo, start, "
                          "stop"));
}

}  // namespace
}  // namespace dpvrrp
