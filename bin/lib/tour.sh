# shellcheck shell=bash
# How the tour speaks, waits and cleans up. Source this file; the scenes are in bin/tour.

# Where everything of this tour lives: short, because the path of a unix socket may have 107 characters.
tour_directory=
daemon_pid=

if [ -t 1 ]; then
  bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
else
  bold='' dim='' plain=''
fi

# scene TITLE, say TEXT: what is going to happen, in the tour's own words.
scene() { printf '\n%s== %s ==%s\n' "$bold" "$*" "$plain"; }
say() { printf '%s%s%s\n' "$dim" "$*" "$plain"; }

# show COMMAND...: prints a command as one would type it, then runs it.
show() {
  printf '%s$ %s%s\n' "$bold" "$*" "$plain"
  "$@"
}

# fail WHAT: ends the tour; what the daemon and the guest last said is the likeliest explanation.
fail() {
  printf '\nerror: %s\n' "$*" >&2
  local log
  for log in "$tour_directory"/droverd.log "$tour_directory"/console.log; do
    if [ -s "$log" ]; then
      echo "--- the end of $(basename "$log"):" >&2
      tail -n 15 "$log" >&2
    fi
  done
  exit 1
}

# wait_until SECONDS WHAT COMMAND...: asks until the command succeeds.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "$what did not happen in time"
    sleep 0.2
  done
}

# The processes of this tour, and only these: Java and QEMU with the tour's own directory on their
# command line.
tour_processes() {
  local process program
  for process in /proc/[0-9]*; do
    program=$(readlink "$process/exe" 2>/dev/null) || continue
    case ${program##*/} in
      java | qemu-*)
        ! grep -qsaF "$tour_directory/" "$process/cmdline" || printf '%s\n' "${process#/proc/}"
        ;;
    esac
  done
}

# signal_processes SIGNAL: to every process of this tour; one that has ended meanwhile is fine.
signal_processes() {
  local pid
  for pid in $(tour_processes); do
    kill "-$1" "$pid" 2>/dev/null || true
  done
}

# Leaves no process and no file behind, wherever the tour was interrupted.
clean_up() {
  local code=$? attempt
  trap '' INT TERM HUP
  trap - EXIT
  if [ -n "$tour_directory" ]; then
    signal_processes TERM
    for attempt in $(seq 50); do
      [ -n "$(tour_processes)" ] || break
      [ "$attempt" -lt 30 ] || signal_processes KILL
      sleep 0.1
    done
    rm -rf "$tour_directory"
  fi
  exit "$code"
}

interrupted() {
  printf '\nInterrupted: stopping what the tour started and removing its files.\n' >&2
  exit 130
}

# Call once, before anything is started.
tour_begin() {
  trap clean_up EXIT
  trap interrupted INT TERM HUP
  tour_directory=$(mktemp -d "${TMPDIR:-/tmp}/drover-tour.XXXXXX")
  mkdir "$tour_directory/images"
}

# Starts the private daemon and waits until it answers. Not shown by `show`, as it runs in the background.
start_daemon() {
  printf '%s$ droverd --mode session --state-directory %s/state --runtime-directory %s/run &%s\n' \
    "$bold" "$tour_directory" "$tour_directory" "$plain"
  droverd --mode session --state-directory "$tour_directory/state" --runtime-directory "$tour_directory/run" \
    >>"$tour_directory/droverd.log" 2>&1 </dev/null &
  daemon_pid=$!
  disown "$daemon_pid"
  wait_until 30 "an answer of the daemon" daemon_answers
}

# False at once if the daemon has ended: its log then says why.
daemon_answers() {
  [ -d "/proc/$daemon_pid" ] || fail "the daemon ended while starting"
  drover version
}
