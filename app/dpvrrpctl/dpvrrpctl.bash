# SPDX-License-Identifier: BSD-3-Clause
#
# Completion of dpvrrpctl for bash. The candidates are the daemon's, so they always fit the daemon that runs.

_dpvrrpctl() {
  local line=${COMP_LINE:0:COMP_POINT} socket=() word
  line=${line#*[[:blank:]]}  # without the name of the program
  # The client's own options in front.
  while [[ $line == -* ]]; do
    word=${line%%[[:blank:]]*}
    [[ $word != "$line" ]] || break
    line=${line#*[[:blank:]]}
    if [[ $word == -s || $word == --socket ]]; then
      word=${line%%[[:blank:]]*}
      if [[ $word == "$line" ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
      fi
      socket=(-s "$word")
      line=${line#*[[:blank:]]}
    fi
  done
  if [[ $line == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W '--socket --json --wide --yes --no-pager --help --version' -- "$line")
    return
  fi
  if [[ $line != *[[:blank:]]* ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'watch import' -- "$line")
  elif [[ $line == import[[:blank:]]* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
    return
  fi
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <("$1" "${socket[@]}" complete "$line" 2>/dev/null)
  # bash replaces only what follows the last of its word breaks, for example the colons of an IPv6 address.
  word=${line##*[[:blank:]]}
  local kept=${word%"${COMP_WORDS[COMP_CWORD]}"}
  [[ -z $kept ]] || COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}
complete -F _dpvrrpctl dpvrrpctl
