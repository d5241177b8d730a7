# shellcheck shell=bash
# Measures how long a whole `drover list` takes. Source this file after bin/lib/package.sh, in the root of the tree.

startup_goal=165

# startup_benchmark ROUNDS: in turn the installed client, its floor, the client of this tree, and virsh where it is, the
# clients against the installed daemon. Prints a section for docs/benchmarks.md.
# shellcheck disable=SC2016 # the back quotes are Markdown's
startup_benchmark() {
  local rounds=$1 load
  : "${package_tree:?}"
  [ -s "$package_tree/aot/brief.aot" ] || bin/package >&2
  startup_directory=$(mktemp -d "${TMPDIR:-/tmp}/drover-startup.XXXXXX")
  startup_daemon=
  trap startup_end EXIT
  "$package_tree/bin/droverd" --mode session --state-directory "$startup_directory/state" \
    --runtime-directory "$startup_directory/run" >"$startup_directory/droverd.log" 2>&1 </dev/null &
  startup_daemon=$!
  local deadline=$((SECONDS + 120)) uri="test+unix:///default?socket=$startup_directory/run/droverd.sock"
  until grep -qs '^droverd ready' "$startup_directory/droverd.log"; do
    if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "$startup_daemon" 2>/dev/null; then
      cat "$startup_directory/droverd.log" >&2
      exit 1
    fi
    sleep 0.2
  done
  load=$(cut -d' ' -f1 /proc/loadavg)
  local round
  for ((round = 0; round < rounds + 3; round++)); do
    # The first three fill the page cache and warm the daemon up.
    [ "$round" -ne 3 ] || rm -f "$startup_directory"/times-*
    startup_time installed "$package_tree/bin/drover" -c "$uri" list
    startup_time floor "$package_tree/runtime/bin/java" "@$package_tree/share/client.flags" \
      "-XX:AOTCache=$package_tree/aot/brief.aot" -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 \
      -XX:-AOTReplayTraining --enable-native-access=ALL-UNNAMED -cp "$package_tree/lib/client/drover.jar" -version
    startup_time tree dist/target/drover/bin/drover -c "$uri" list
    ! command -v virsh >/dev/null || startup_time virsh virsh -c test:///default list
  done
  echo '### Start-up'
  echo
  echo "\`bin/benchmark startup $rounds\`: the whole process of one call on a unix socket of a daemon that runs, each once in"
  echo "each of $rounds rounds. Seen on $(date --utc +%F); $(nproc) processors, a load of $load as the run began, Linux" \
    "$(uname -r | cut -d- -f1)."
  echo
  echo '| one call, the whole process | p50 ms | p90 ms | least ms | goal |  |'
  echo '| --- | --- | --- | --- | --- | --- |'
  startup_row installed '`drover list` as installed: own runtime, one jar, prepared classes' "$startup_goal"
  startup_row floor '`java -version` of the same runtime with the same cache: the floor'
  startup_row tree '`drover list` from the source tree: a JDK, sixty jars'
  if command -v virsh >/dev/null; then
    startup_row virsh '`virsh -c test:///default list`, whose driver is inside the client'
  fi
  echo
  echo 'The floor is the JVM alone: the same runtime with the same flags and prepared classes, which says its version. What is'
  echo 'above it is reading the arguments, one call and printing.'
  if command -v virsh >/dev/null; then
    echo '`virsh` asks a driver inside itself, no daemon and no socket; it is the floor of a program in C.'
  else
    echo '`virsh` was not installed beside it.'
  fi
}

# startup_time NAME COMMAND...: one run, in microseconds.
startup_time() {
  local name=$1 began=$EPOCHREALTIME ended
  shift
  "$@" >/dev/null 2>&1 || {
    echo "It failed: $*" >&2
    exit 1
  }
  ended=$EPOCHREALTIME
  echo "$((${ended/[.,]/} - ${began/[.,]/}))" >>"$startup_directory/times-$name"
}

# startup_row NAME WHAT [GOAL]: a row of the table; the median is held against the goal.
# shellcheck disable=SC2016 # the dollars are awk's
startup_row() {
  sort -n "$startup_directory/times-$1" | awk -v what="$2" -v goal="${3:-}" '
    { times[NR] = $1 / 1000 }
    END {
      median = times[int((NR + 1) / 2)]
      verdict = goal == "" ? "" : median <= goal ? "met" : "**missed**"
      printf "| %s | %.0f | %.0f | %.0f | %s | %s |\n", what, median, times[int(NR * 0.9 + 0.5)], times[1],
        goal == "" ? "" : "≤ " goal, verdict
    }'
}

startup_end() {
  if [ -n "$startup_daemon" ] && kill -TERM "$startup_daemon" 2>/dev/null; then
    wait "$startup_daemon" || true
  fi
  rm -rf "$startup_directory"
}
