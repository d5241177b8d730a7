# shellcheck shell=bash
# Programs from the distribution: says what is missing and why, installs it where it may. Source this file.

# drover_missing_packages PROGRAM=PACKAGE...: prints the packages whose program is not here, each once. A package without a
# program is known by a file of it: /PATH=PACKAGE.
drover_missing_packages() {
  local pair
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || [[ $pair == /* && -e ${pair%%=*} ]] || printf '%s\n' "${pair#*=}"
  done | sort -u
}

# drover_ensure_packages REASON PROGRAM=PACKAGE...
# Returns 0 when every program is here, if need be after installing its package as root.
# Otherwise says what to type, changes nothing and returns 1, so that the caller can do without.
drover_ensure_packages() {
  local reason=$1 missing line
  shift
  mapfile -t missing < <(drover_missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  line="apt-get install --no-install-recommends ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    echo "Missing $reason: ${missing[*]} (Debian's names), and there is no apt-get here to install from." >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "Missing $reason: ${missing[*]}. As root, type:" >&2
    echo "    $line" >&2
    return 1
  fi
  echo "Installing ${missing[*]} $reason:" >&2
  echo "    $line" >&2
  if ! drover_apt_get install --no-install-recommends "${missing[@]}"; then
    # A fresh machine has no package lists yet; an old one may have outdated ones.
    if ! { drover_apt_get update && drover_apt_get install --no-install-recommends "${missing[@]}"; }; then
      echo "The packages could not be installed; what apt-get said is above." >&2
      return 1
    fi
  fi
  mapfile -t missing < <(drover_missing_packages "$@")
  if [ "${#missing[@]}" -gt 0 ]; then
    echo "Installed, and yet these packages' programs are not on the PATH: ${missing[*]}" >&2
    return 1
  fi
}

# drover_ensure_sshd REASON: as drover_ensure_packages, for the ssh server. Debian starts one on port 22 when it is
# installed, which nobody asked for here: it is kept from that, and where that cannot be done nothing is installed.
drover_ensure_sshd() {
  local reason=$1 policy=/usr/sbin/policy-rc.d
  # Where Debian has it, which is in the PATH of root alone.
  PATH=$PATH:/usr/sbin
  ! command -v sshd >/dev/null || return 0
  if [ -d /run/systemd/system ]; then
    echo "Missing $reason: openssh-server. Installing it starts an ssh server on this machine, so that is yours to do." >&2
    echo "As root, type:" >&2
    echo "    apt-get install --no-install-recommends openssh-server" >&2
    return 1
  fi
  (
    if [ "$(id -u)" -eq 0 ] && [ ! -e "$policy" ]; then
      trap 'rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' >"$policy"
      chmod 755 "$policy"
    fi
    drover_ensure_packages "$reason" sshd=openssh-server
  )
}

# Unattended apt-get whose output is shown only if it fails.
drover_apt_get() {
  local output
  if ! output=$(DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet \
    -o DPkg::Lock::Timeout=120 "$@" 2>&1 </dev/null); then
    printf '%s\n' "$output" >&2
    return 1
  fi
}
