# shellcheck shell=bash
# Finds an installed JDK 25 or newer. Source this file, then call `drover_java_home`.

# The feature release (25 in "25.0.3") that a JDK's `release` file states, or nothing.
drover_jdk_release() {
  local line
  [ -r "$1/release" ] && [ -x "$1/bin/java" ] || return 1
  line=$(grep -m1 '^JAVA_VERSION=' "$1/release") || return 1
  line=${line#JAVA_VERSION=}
  line=${line//\"/}
  printf '%s\n' "${line%%[.+-]*}"
}

# Where a JDK may be, most specific wish first, one directory a line.
drover_jdk_candidates() {
  local on_path dir
  [ -z "${DROVER_JAVA_HOME:-}" ] || printf '%s\n' "$DROVER_JAVA_HOME"
  [ -z "${JAVA_HOME:-}" ] || printf '%s\n' "$JAVA_HOME"
  if on_path=$(command -v java); then
    on_path=$(readlink -f "$on_path")
    printf '%s\n' "${on_path%/bin/java}"
  fi
  for dir in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* \
    "${HOME:-/nonexistent}"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ ! -d "$dir" ] || printf '%s\n' "$dir"
  done
}

# Prints the home of the first JDK that is new enough, or says what to install and returns 1.
drover_java_home() {
  local dir release
  while IFS= read -r dir; do
    release=$(drover_jdk_release "$dir") || continue
    case $release in '' | *[!0-9]*) continue ;; esac
    if [ "$release" -ge 25 ]; then
      printf '%s\n' "$dir"
      return 0
    fi
  done < <(drover_jdk_candidates)
  cat >&2 <<'MESSAGE'
Drover needs a JDK of release 25 or newer, and none was found.
Install one (for instance Eclipse Temurin 25: https://adoptium.net/temurin/releases/?version=25)
or set DROVER_JAVA_HOME to the directory of one that is already here.
MESSAGE
  return 1
}
