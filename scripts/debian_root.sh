# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# For scripts/test_release and scripts/cross: a root of a release of Debian, made by debootstrap from the mirror of this
# machine's apt configuration, in which dpvrrp is built. The script that sources this file sets `release` and `name`
# before. The root is $DPVRRP_CACHE/$name, and the build folder is build-$name/.

script=$(basename "$0")
cache=${DPVRRP_CACHE:-/var/cache/dpvrrp}
root=$cache/$name
log=$cache/$name.log  # output that is shown only after a failure
settings=etc/dpkg/dpkg.cfg.d/dpvrrp  # in the root; its age is the root's

skip() {
  echo "$script: skipped: $*" >&2
  exit 77
}

# enter ARGUMENT...: starts this script again in separate namespaces, or returns there. However it ends, its processes
# and its mounts end too.
enter() {
  [ "${DPVRRP_ROOT:-}" != inside ] || return 0
  command -v debootstrap >/dev/null || scripts/deps releases || skip 'no debootstrap'
  local own=(unshare --mount --propagation private --pid --fork --kill-child --mount-proc)
  "${own[@]}" true 2>/dev/null || skip 'no right to make a mount namespace'
  DPVRRP_ROOT=inside exec "${own[@]}" "scripts/$script" "$@"
}

# The URIs from which apt gets component main, including those in the lists of its mirror method.
apt_mirrors() {
  local uri
  apt-get indextargets --no-release-info --format '$(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^main //p' | uniq | while read -r uri; do
      case "$uri" in
        mirror+file:*) awk '/^[a-z]+:/ { print $1 }' "${uri#mirror+file:}" ;;
        *) echo "$uri" ;;
      esac
    done
}

# The first of them that has the release. apt's own downloader uses apt's proxies and certificates.
find_mirror() {
  local uri answer
  answer=$(mktemp)
  for uri in $(apt_mirrors); do
    if /usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
      download-file "${uri%/}/dists/$release/InRelease" "$answer" &>/dev/null; then
      echo "${uri%/}"
      break
    fi
  done
  rm -f "$answer"
}

# fail LOG: if a command failed because the network was lost, the test is skipped too.
fail() {
  tail -20 "$1" >&2
  [ -n "$(find_mirror)" ] || skip "no mirror of $release in reach: $(apt_mirrors | xargs)"
  exit 1
}

bootstrap() {
  local made=$root.new include=()
  [[ $1 != https:* ]] || include=(--include=ca-certificates)
  echo "$script: debootstrap $release from $1 into $root"
  rm -rf --one-file-system "$made"
  mkdir -p "$cache"
  # A machine that cannot make the root says nothing about dpvrrp.
  debootstrap --variant=minbase "${include[@]}" "$release" "$made" "$1" &>"$log" ||
    skip "debootstrap failed: $(tail -3 "$log" | xargs -0 echo)"
  # A root that can be made again needs no fsync after every file, and no manuals.
  printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' \
    >"$made/$settings"
  rm -rf --one-file-system "$root"
  mv "$made" "$root"
}

mount_all() {
  mount --bind "$root" "$root"  # mounts can be changed only in a root that is a mount point
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/tmp"
  mount -t tmpfs tmpfs "$root/run"
  # The sources are this checkout, read-only. The build folder is the release's own.
  mkdir -p "$root/dpvrrp" build "build-$name"
  mount --bind . "$root/dpvrrp"
  mount --bind "build-$name" "$root/dpvrrp/build"
  mount -o remount,bind,ro "$root/dpvrrp"
  cp --remove-destination "$(realpath /etc/resolv.conf)" "$root/etc/resolv.conf"
}

in_root() {
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} "$@"
}

# Makes the root, unless there is one of the last two weeks, and mounts what it needs.
make_root() {
  # debootstrap's downloader and the release's apt use only the environment.
  eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
  [ "${http_proxy-}" != DIRECT ] || unset http_proxy
  [ "${https_proxy-}" != DIRECT ] || unset https_proxy
  export http_proxy https_proxy

  mkdir -p "$cache"
  exec 9>"$cache/$name.lock"
  flock 9
  local mirror
  mirror=$(find_mirror)
  if [ ! -d "$root" ] || { [ -n "$mirror" ] && [ -n "$(find "$root/$settings" -mtime +14)" ]; }; then
    [ -n "$mirror" ] || skip "no mirror of $release in reach: $(apt_mirrors | xargs)"
    bootstrap "$mirror"
  fi
  mount_all
}
