# shellcheck shell=bash
# Measures how long a whole `drover list` takes. Source this file after bin/lib/package.sh, in the root of the tree.

# startup_benchmark ROUNDS: the installed client and the one of this tree, in turn, against the installed daemon, and
# virsh beside them where it is. Prints a table for docs/benchmarks.md.
# shellcheck disable=SC2016 # the back quotes are Markdown's
startup_benchmark() {
  local rounds=$1
  : "${package_tree:?}"
  [ -s "$package_tree/aot/drover.aot" ] || bin/package >&2
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
  local round
  for ((round = 0; round < rounds + 3; round++)); do
    # The first three fill the page cache and warm the daemon up.
    [ "$round" -ne 3 ] || rm -f "$startup_directory"/times-*
    startup_time installed "$package_tree/bin/drover" -c "$uri" list
    startup_time tree dist/target/drover/bin/drover -c "$uri" list
    ! command -v virsh >/dev/null || startup_time virsh virsh -c test:///default list
  done
  echo "| one call, the whole process | p50 ms | p90 ms | least ms |"
  echo "| --- | --- | --- | --- |"
  startup_row installed '`drover list` as installed: own runtime, one jar, AOT cache'
  startup_row tree '`drover list` from the source tree: a JDK, sixty jars'
  ! command -v virsh >/dev/null || startup_row virsh '`virsh -c test:///default list`, whose driver is inside the client'
  echo
  echo "$rounds rounds, each program once in every round."
}

# startup_time NAME COMMAND...: one run, in microseconds.
startup_time() {
  local name=$1 began=$EPOCHREALTIME ended
  shift
  "$@" >/dev/null
  ended=$EPOCHREALTIME
  echo "$((${ended/[.,]/} - ${began/[.,]/}))" >>"$startup_directory/times-$name"
}

startup_row() {
  sort -n "$startup_directory/times-$1" | awk -v what="$2" '
    { times[NR] = $1 / 1000 }
    END { printf "| %s | %.0f | %.0f | %.0f |\n", what, times[int((NR + 1) / 2)], times[int(NR * 0.9 + 0.5)], times[1] }'
}

startup_end() {
  if [ -n "$startup_daemon" ] && kill -TERM "$startup_daemon" 2>/dev/null; then
    wait "$startup_daemon" || true
  fi
  rm -rf "$startup_directory"
}
