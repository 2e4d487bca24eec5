// SPDX-License-Identifier: BSD-3-Clause
//
// Passwords and keys stand in the new file at their place, and nowhere else: not in the report, not in comments.
#include <gmock/gmock.h>

#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(SecretsTest, TheReportShowsNone) {
  for (const char* lines : {
           "authentication { auth_type PASS auth_pass s3cr3t }",
           "authentication {\nauth_type PASS\nauth_pas s3cr3t\n}",
           "authentication {\nauth_type PASS auth_pass s3cr3t\n}",
           "authentication {\nauth_type PASS\npassword s3cr3t\n}",
           "authentication PASS s3cr3t",
           "auth_pass s3cr3t",
           "password s3cr3t",
           "key 3 s3cr3t",
           "priority 100 auth_pass s3cr3t",
           "auth_hmac {\nkye 3 s3cr3t\n}",
           "auth_hmac {\nkey s3cr3t\n}",
           "auth_hmac {\nkey 3 s3cr3t more\n}",
           "auth_hmac {\nactive_key 3 key 3 s3cr3t\n}",
           "auth_hmac {\nx {\nkey 3 s3cr3t\n}\n}",
       }) {
    const ImportResult result = Import(AnInstance(lines));
    EXPECT_THAT(result.report.Text(), Not(HasSubstr("s3cr3t"))) << lines;
    EXPECT_THAT(result.report.Json(), Not(HasSubstr("s3cr3t"))) << lines;
    EXPECT_THAT(result.report.Text(), HasSubstr("***")) << lines;
  }
  // What is no secret stays readable.
  const ImportResult result = Import(AnInstance("authentication {\nauth_type PASS\nauth_pass 1111\n}"));
  EXPECT_THAT(result.report.Text(), HasSubstr("taken  auth_type PASS "));
  EXPECT_THAT(result.report.Text(), HasSubstr("auth_pass *** "));
}

TEST(SecretsTest, CommentsHaveNone) {
  for (const char* lines : {
           "authentication {\n# s3cr3t was used before\nauth_type PASS # s3cr3t\nauth_pass 1111 ! s3cr3t\n# s3cr3t\n}",
           "authentication { # s3cr3t\nauth_type PASS\nauth_pass 1111\n} # s3cr3t",
           "auth_hmac {\nactive_key 1 # s3cr3t\n# s3cr3t\n}",
           "#auth_pass s3cr3t\npriority 100",
           "priority 100 # auth_pass s3cr3t",
           "# the password is s3cr3t\npriority 100",
           "# Password: s3cr3t\npriority 100",
           "# password=s3cr3t\npriority 100",
           "#  key 3 s3cr3t\npriority 100",
       }) {
    const ImportResult result = Import(AnInstance(lines));
    EXPECT_THAT(result.toml, Not(HasSubstr("s3cr3t"))) << lines;
    EXPECT_THAT(result.report.Text(), Not(HasSubstr("s3cr3t"))) << lines;
  }
  const ImportResult result = Import(AnInstance("# the key router, passive: see wiki\npriority 100"));
  EXPECT_THAT(result.toml, HasSubstr("# the key router, passive: see wiki\n"));
}

TEST(SecretsTest, APasswordWhoseBytesAreNoTextIsNotChanged) {
  const std::string cyrillic = "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c";  // 12 bytes; 8 end at a character
  const std::string cut = "a" + cyrillic;                                           // and here in one
  for (const std::string& pass : {std::string("h\xfcnter"), cut}) {
    const std::string text = AnInstance("authentication {\nauth_type PASS\nauth_pass " + pass + "\n}");
    const ImportResult result = Import(text);
    EXPECT_THAT(VerdictOf(result, "auth_pass"), StartsWith("decide: ")) << pass;
    EXPECT_THAT(VerdictOf(result, "auth_pass"), HasSubstr("use -o"));
    EXPECT_EQ(LoadedInstance(result).auth.kind, AuthKind::kNone);
    const auto with_files = ImportFiles({{"k.conf", text}}, AHost(), true);
    ASSERT_TRUE(with_files.ok());
    ASSERT_THAT(with_files->secrets, SizeIs(1));
    EXPECT_EQ(with_files->secrets[0].text, pass.substr(0, 8) + "\n");
  }
  const ImportResult whole =
      Import(AnInstance("authentication {\nauth_type PASS\nauth_pass " + cyrillic.substr(0, 8) + "\n}"));
  EXPECT_THAT(whole.toml, HasSubstr(cyrillic.substr(0, 8)));
  EXPECT_EQ(whole.report.ExitStatus(), 0);
}

}  // namespace
}  // namespace dpvrrp::keepalived
