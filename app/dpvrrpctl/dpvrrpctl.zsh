#compdef dpvrrpctl
# SPDX-License-Identifier: BSD-3-Clause
#
# Completion of dpvrrpctl for zsh. The candidates are the daemon's, so they always fit the daemon that runs.

_dpvrrpctl() {
  local -a socket candidates
  integer first=2  # word after the client's own options
  while (( first < CURRENT )) && [[ ${words[first]} == -* ]]; do
    if [[ ${words[first]} == (-s|--socket) ]]; then
      (( first += 1 ))
      if (( first == CURRENT )); then
        _files
        return
      fi
      socket=(-s ${(Q)words[first]})
    fi
    (( first += 1 ))
  done
  if (( first == CURRENT )); then
    if [[ $PREFIX == -* ]]; then
      compadd -- --socket --json --wide --yes --no-pager --help --version
      return
    fi
    candidates=(watch import)
  elif [[ ${words[first]} == import ]]; then
    _files
    return
  fi
  local line="${(j: :)words[first,CURRENT-1]}"
  candidates+=(${(f)"$(${(Q)words[1]} $socket complete "${line:+$line }$PREFIX" 2>/dev/null)"})
  compadd -- $candidates
}

_dpvrrpctl "$@"
