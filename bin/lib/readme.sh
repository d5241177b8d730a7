# shellcheck shell=bash
# Runs the commands that README.md and docs/testing.md print, as they are printed. Source this file in the root of
# the tree.

# readme_block WORD [GUIDE]: the code blocks of README.md, or of another guide, that are marked "```sh WORD".
readme_block() {
  awk -v mark="\`\`\`sh $1" '$0 == mark { on = 1; next } /^```/ { on = 0 } on' "${2:-README.md}"
}

# Ends a command that was started with setsid, and everything it started.
readme_stop() {
  local group=$1
  kill -TERM -- "-$group" 2>/dev/null || return 0
  timeout 20 tail --pid="$group" -f /dev/null || kill -KILL -- "-$group" 2>/dev/null || true
}

# readme_commands_work: a daemon as in the first block of the quick start, then every other block, in a
# home directory of their own. Succeeds if every command does.
readme_commands_work() (
  set -euo pipefail
  home=$(mktemp -d "${TMPDIR:-/tmp}/drover-readme.XXXXXX")
  daemon=
  trap '[ -z "$daemon" ] || readme_stop "$daemon"; rm -rf "$home"' EXIT
  for word in daemon quick-start qemu grpcurl; do
    readme_block "$word" >"$home/$word.sh"
    [ -s "$home/$word.sh" ] || {
      echo "README.md has no code block marked \"sh $word\""
      exit 1
    }
  done
  ln -s "$PWD/bin" "$home/bin"
  mkdir -m 700 "$home/run"
  export HOME=$home XDG_STATE_HOME=$home/state XDG_RUNTIME_DIR=$home/run
  unset DROVER_URI
  cd "$home"
  setsid bash -eu "$home/daemon.sh" >"$home/daemon.log" 2>&1 </dev/null &
  daemon=$!
  deadline=$((SECONDS + 120))
  until grep -q '^droverd ready' "$home/daemon.log"; do
    if [ "$SECONDS" -ge "$deadline" ] || [ ! -d "/proc/$daemon" ]; then
      echo "the daemon did not become ready:"
      cat "$home/daemon.log"
      exit 1
    fi
    sleep 0.2
  done
  for word in quick-start qemu; do
    timeout --kill-after=5 180 bash -eux "$home/$word.sh" </dev/null
  done
  if command -v grpcurl >/dev/null; then
    timeout --kill-after=5 60 bash -eux "$home/grpcurl.sh" </dev/null
  fi
)

# testing_guide_works: the shell blocks of docs/testing.md, with the programs of this tree in the PATH. Succeeds if
# every command does, and if no daemon is left.
testing_guide_works() (
  set -euo pipefail
  home=$(mktemp -d "${TMPDIR:-/tmp}/drover-testing.XXXXXX")
  trap 'rm -rf "$home"' EXIT
  mkdir "$home/tmp"
  bin/droverd --version
  export PATH=$PWD/dist/target/drover/bin:$PATH
  words=(testing)
  ! command -v grpcurl >/dev/null || words+=(testing-grpcurl)
  for word in "${words[@]}"; do
    readme_block "$word" docs/testing.md >"$home/$word.sh"
    [ -s "$home/$word.sh" ] || {
      echo "docs/testing.md has no code block marked \"sh $word\""
      exit 1
    }
    # The daemon makes its directory where Java makes temporary files.
    DROVERD_JVM_FLAGS=-Djava.io.tmpdir=$home/tmp timeout --kill-after=5 120 bash -eux "$home/$word.sh" </dev/null
  done
  deadline=$((SECONDS + 30))
  until [ -z "$(ls -A "$home/tmp")" ]; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "a daemon is left, or its directory: $(ls "$home/tmp")"
      exit 1
    fi
    sleep 0.2
  done
)

# The archive that is made for installation, unpacked elsewhere: both programs start from it.
archive_starts() (
  set -euo pipefail
  archive=$(find dist/target -maxdepth 1 -name 'drover-*.tar.gz' -print -quit)
  [ -n "$archive" ] || {
    echo "dist/target has no archive; mvn verify makes it"
    exit 1
  }
  directory=$(mktemp -d "${TMPDIR:-/tmp}/drover-archive.XXXXXX")
  trap 'rm -rf "$directory"' EXIT
  tar -xzf "$archive" -C "$directory"
  for program in drover droverd; do
    found=$(find "$directory" -path "*/bin/$program" -print -quit)
    [ -n "$found" ] || {
      echo "$archive has no bin/$program"
      exit 1
    }
    "$found" --version
    # As a package would: a link somewhere on the PATH.
    ln -s "$found" "$directory/$program"
    "$directory/$program" --help >/dev/null
  done
  # The suite starts the archive's own daemon.
  "$directory/drover" conformance run --private --only OnceCases
)
