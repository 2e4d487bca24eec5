// SPDX-License-Identifier: BSD-3-Clause
//
// The socket's place in the file system.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "io/control_socket.h"
#include "unit/io/control_fixture.h"

namespace dpvrrp {
namespace {

class ControlListenTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<ControlServer>> Listen(const std::string& path) {
    return ControlServer::Listen(*reactor_, path, [](ClientId, const std::string&) {});
  }

  TempFolder folder_;
  std::string path_ = folder_ / "run/ctl.sock";
  std::unique_ptr<Reactor> reactor_ = *Reactor::Create();
};

TEST_F(ControlListenTest, ModeIs0660AndTheFolder0755WhateverTheUmask) {
  const mode_t old_mask = umask(0077);
  const absl::StatusOr<std::unique_ptr<ControlServer>> server = Listen(path_);
  umask(0);
  const absl::StatusOr<std::unique_ptr<ControlServer>> second = Listen(folder_ / "second.sock");
  umask(old_mask);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(ModeOf(path_), 0660u);
  EXPECT_EQ(ModeOf(folder_ / "run"), 0755u);
  EXPECT_EQ(ModeOf(folder_ / "second.sock"), 0660u);
}

TEST_F(ControlListenTest, ASocketForEveryUserHasItsMode) {
  const auto server = ControlServer::Listen(*reactor_, path_, [](ClientId, const std::string&) {},
                                            {.user = {}, .group = {}, .mode = 0666});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(ModeOf(path_), 0666u);
}

TEST_F(ControlListenTest, ALiveDaemonIsNotReplaced) {
  const absl::StatusOr<std::unique_ptr<ControlServer>> first = Listen(path_);
  const absl::StatusOr<std::unique_ptr<ControlServer>> second = Listen(path_);
  EXPECT_TRUE(absl::IsAlreadyExists(second.status())) << second.status();
  EXPECT_EQ(second.status().message(), path_ + ": a daemon is already running and answers there");
  EXPECT_EQ(ModeOf(path_), 0660u);
}

TEST_F(ControlListenTest, ADeadDaemonsSocketIsReplaced) {
  ASSERT_TRUE(internal::BindControlSocket(path_).ok());  // closed at once, but the name stays
  ASSERT_EQ(ModeOf(path_), 0660u);
  EXPECT_TRUE(Listen(path_).ok());
}

TEST_F(ControlListenTest, TheSocketAndItsFolderGetTheirOwner) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const auto owner_of = [](const std::string& path) {
    struct stat attributes {};
    EXPECT_EQ(stat(path.c_str(), &attributes), 0) << path;
    return std::pair(attributes.st_uid, attributes.st_gid);
  };
  const std::string path = folder_ / "made/ctl.sock";
  const auto server =
      ControlServer::Listen(*reactor_, path, [](ClientId, const std::string&) {}, {.user = 12345, .group = 678});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(owner_of(path), std::pair(uid_t{12345}, gid_t{678}));
  EXPECT_EQ(ModeOf(path), 0660u);
  EXPECT_EQ(owner_of(folder_ / "made").first, 12345u);
  EXPECT_EQ(ModeOf(folder_ / "made"), 0755u);
}

// The folder may be the daemon user's: what he puts in the socket's place must not become his.
TEST_F(ControlListenTest, OnlyTheSocketItselfIsGivenAway) {
  const std::string victim = folder_ / "victim", link = folder_ / "link", socket = folder_ / "other.sock";
  const ControlOwner owner = geteuid() == 0 ? ControlOwner{.user = 12345, .group = 678} : ControlOwner{};
  WriteBytes(victim, "root's", 0600);
  ASSERT_EQ(symlink(victim.c_str(), link.c_str()), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(internal::GiveSocketAway(link, owner)));
  EXPECT_TRUE(absl::IsFailedPrecondition(internal::GiveSocketAway(victim, owner)));
  ASSERT_TRUE(internal::BindControlSocket(socket).ok());
  ASSERT_EQ(chmod(socket.c_str(), 0600), 0);
  const std::string second_name = folder_ / "second_name";
  ASSERT_EQ(::link(socket.c_str(), second_name.c_str()), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(internal::GiveSocketAway(second_name, owner)));
  for (const std::string& path : {victim, socket}) {
    struct stat attributes {};
    ASSERT_EQ(stat(path.c_str(), &attributes), 0);
    EXPECT_EQ(attributes.st_mode & 07777, 0600u) << path;
    EXPECT_EQ(attributes.st_uid, geteuid()) << path;
  }
}

TEST_F(ControlListenTest, SomethingElseAtThePathIsLeftAlone) {
  WriteBytes(folder_ / "notes", "precious");
  const absl::StatusOr<std::unique_ptr<ControlServer>> server = Listen(folder_ / "notes");
  EXPECT_TRUE(absl::IsFailedPrecondition(server.status())) << server.status();
  EXPECT_EQ(ReadBytes(folder_ / "notes"), "precious");
}

TEST_F(ControlListenTest, ThePathIsUnlinkedAtTheEndButOnlyIfItIsStillOurs) {
  Listen(path_)->reset();
  EXPECT_NE(access(path_.c_str(), F_OK), 0);

  absl::StatusOr<std::unique_ptr<ControlServer>> old_server = Listen(path_);
  unlink(path_.c_str());
  const absl::StatusOr<std::unique_ptr<ControlServer>> new_server = Listen(path_);
  old_server->reset();
  EXPECT_EQ(access(path_.c_str(), F_OK), 0);
}

TEST_F(ControlListenTest, APathThatDoesNotFitIsRefused) {
  const absl::StatusOr<std::unique_ptr<ControlServer>> server = Listen(folder_ / std::string(100, 'x'));
  EXPECT_TRUE(absl::IsInvalidArgument(server.status())) << server.status();
  EXPECT_TRUE(absl::IsInvalidArgument(Listen("").status()));
}

TEST_F(ControlListenTest, AFolderThatCannotBeMadeIsNamed) {
  const absl::StatusOr<std::unique_ptr<ControlServer>> server = Listen(folder_ / "a/b/ctl.sock");
  EXPECT_TRUE(absl::IsNotFound(server.status())) << server.status();
  EXPECT_NE(server.status().message().find("/a/b"), absl::string_view::npos) << server.status();
}

}  // namespace
}  // namespace dpvrrp
