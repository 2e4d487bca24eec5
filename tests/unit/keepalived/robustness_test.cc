// SPDX-License-Identifier: BSD-3-Clause
//
// Damaged and hostile files: one clear error each, and no file crashes the importer.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::HasSubstr;

std::string FaultOf(const Files& files) {
  const absl::StatusOr<ImportResult> result = ImportFiles(files);
  return result.ok() ? "no fault" : std::string(result.status().message());
}

TEST(RobustnessTest, AFileThatIsMissingIsNamed) {
  const auto result = ImportKeepalived({"/no/such.conf", "", false}, ReaderOf({}), {});
  EXPECT_EQ(result.status().message(), "/no/such.conf: No such file or directory");
}

TEST(RobustnessTest, BracesAreBalanced) {
  EXPECT_EQ(FaultOf({{"f", "vrrp_instance A {\ninterface eth0\n"}}),
            "f:1: the block of vrrp_instance is not closed: a '}' is missing");
  EXPECT_EQ(FaultOf({{"f", "vrrp_instance A {\n}\n}\n"}}), "f:3: a '}' closes no block");
}

TEST(RobustnessTest, BinaryFilesAreNoText) {
  EXPECT_EQ(FaultOf({{"f", std::string("a\nb\0c\n", 6)}}), "f:2: the file is not text: there is a zero byte");
}

TEST(RobustnessTest, TemplatesAndByteOrderMarksAreNamed) {
  EXPECT_EQ(FaultOf({{"f", "vrrp_instance A {\nvirtual_ipaddress {\n{{ vip }}\n}\n}\n"}}),
            "f:3: '{{ ... }}' is a placeholder of a template: fill it in first");
  EXPECT_EQ(FaultOf({{"f", "\xef\xbb\xbfvrrp_instance A {\n}\n"}}),
            "f:1: the file begins with a byte order mark, which keepalived does not read: remove it");
}

TEST(RobustnessTest, ALineHasALimit) {
  EXPECT_EQ(FaultOf({{"f", "a\n" + std::string(1 << 20, 'x') + "\n"}}), "f:2: a line has at most 65536 bytes");
  EXPECT_THAT(FaultOf({{"f", "$A=" + std::string(40000, 'x') + "\ny ${A}${A}\n"}}),
              HasSubstr("f:2: the definitions make a line"));
}

TEST(RobustnessTest, FilesThatIncludeThemselvesAreRefused) {
  EXPECT_EQ(FaultOf({{"f", "include f\n"}}), "no fault");  // the folder of f is ".", where there is none
  EXPECT_EQ(FaultOf({{"/k/f", "include g\n"}, {"/k/g", "a\ninclude f\n"}}), "/k/g:2: /k/f includes itself");
}

TEST(RobustnessTest, DefinitionsThatReferToThemselvesAreRefused) {
  EXPECT_EQ(FaultOf({{"f", "$A=${A}\nx $A\n"}}), "f:2: a definition refers to itself");
  EXPECT_EQ(FaultOf({{"f", "$A=${B}x\n$B=${A}y\nx $A\n"}}).substr(0, 4), "f:3:");
  EXPECT_EQ(FaultOf({{"f", "$A= \\\nx \\\n$A\n$A\n"}}), "f:4: a definition refers to itself");
  EXPECT_THAT(FaultOf({{"f", "$A= \\\nx \\\n"}}), HasSubstr("f:1: the last line of this definition is missing"));
}

TEST(RobustnessTest, SequencesHaveALimit) {
  EXPECT_THAT(FaultOf({{"f", "~SEQ(A,1,2000) ~SEQ(B,1,2000) x\n"}}),
              HasSubstr("f:1: there are more than 1000000 lines"));
}

TEST(RobustnessTest, BlocksHaveADepth) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "a {\n";
  EXPECT_EQ(FaultOf({{"f", text}}), "f:33: more than 32 blocks are in each other");
}

TEST(RobustnessTest, AnEmptyFileIsAnEmptyConfiguration) {
  EXPECT_EQ(FaultOf({{"f", ""}}), "no fault");
  EXPECT_EQ(FaultOf({{"f", "# only this\n"}}), "no fault");
}

// Every file of the golden test, cut at every place and with bytes exchanged: an error, or a configuration that the
// daemon takes.
TEST(RobustnessTest, DamagedFilesAreRefusedOrTaken) {
  std::mt19937 random(20261130);
  for (const auto& entry : std::filesystem::directory_iterator(DPVRRP_IMPORT_FILES)) {
    if (entry.path().extension() != ".conf") continue;
    std::ifstream file(entry.path());
    std::ostringstream buffer;
    buffer << file.rdbuf();
    const std::string text = buffer.str();
    for (int round = 0; round < 300; ++round) {
      std::string damaged = text;
      if (round % 3 == 0) {
        damaged.resize(random() % text.size());
      } else {
        constexpr absl::string_view kBytes = "{}\"'#!$@~\\ \n0a-,\xff";
        for (int i = 0; i <= round % 5; ++i) damaged[random() % damaged.size()] = kBytes[random() % kBytes.size()];
      }
      const absl::StatusOr<ImportResult> result = ImportFiles({{"f", damaged}});
      if (!result.ok()) {
        EXPECT_EQ(result.status().message().substr(0, 2), "f:") << result.status();
        continue;
      }
      const std::vector<std::string> errors = ErrorsOf(result->toml);
      EXPECT_TRUE(errors.empty()) << errors[0] << "\n" << damaged << "\n" << result->toml;
    }
  }
}

std::vector<std::vector<std::string>> LinesOfFiles() {
  std::vector<std::vector<std::string>> files;
  for (const auto& entry : std::filesystem::directory_iterator(DPVRRP_IMPORT_FILES)) {
    if (entry.path().extension() != ".conf") continue;
    std::ifstream file(entry.path());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    files.push_back(std::move(lines));
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Values where they do not belong, lines twice, and lines of other files: the daemon takes what the importer writes.
TEST(RobustnessTest, ExchangedValuesAndLinesAreRefusedOrTaken) {
  const char* const kValues[] = {"0",           "1",       "255",       "256",          "-1",         "0.01",
                                 "1.5",         "99999",   "eth0",      "lo",           "192.0.2.2",  "192.0.2.1/24",
                                 "2001:db8::1", "fe80::1", "::1",       "127.0.0.1",    "224.0.0.18", "ff02::12",
                                 "0.0.0.0",     "\"a b\"", "on",        "no",           "/bin/x",     "hex:00",
                                 "\xc3\xa9",    "\xe9",    "240.0.0.1", "192.0.2.0/24", "0.1.2.3",    "::ffff:1.2.3.4"};
  const std::vector<std::vector<std::string>> files = LinesOfFiles();
  std::mt19937 random(20261201);
  const auto below = [&](size_t count) { return random() % count; };
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> lines = files[static_cast<size_t>(round) % files.size()];
    for (int i = 0; i <= round % 3; ++i) {
      std::string& line = lines[below(lines.size())];
      const bool brace = line.find_first_of("{}") != std::string::npos;
      const std::vector<std::string>& other = files[below(files.size())];
      const std::string& foreign = other[below(other.size())];
      if (!brace && i % 2 == 0 && line.find(' ') != std::string::npos) {
        line = absl::StrCat(line.substr(0, line.rfind(' ') + 1), kValues[below(std::size(kValues))]);
      } else if (foreign.find_first_of("{}") == std::string::npos) {
        lines.insert(lines.begin() + static_cast<ptrdiff_t>(below(lines.size())), foreign);
      }
    }
    std::string text;
    for (const std::string& line : lines) absl::StrAppend(&text, line, "\n");
    const absl::StatusOr<ImportResult> result = ImportFiles({{"f", text}}, round % 2 == 0 ? AHost() : HostKnowledge());
    if (!result.ok()) continue;
    const std::vector<std::string> errors = ErrorsOf(result->toml);
    ASSERT_TRUE(errors.empty()) << errors[0] << "\n" << text << "\n" << result->toml;
  }
}

}  // namespace
}  // namespace dpvrrp::keepalived
