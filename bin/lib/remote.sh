# shellcheck shell=bash
# Runs the commands that docs/remote.md prints, as they are printed, on two hosts. Source this file in the root of the
# tree, after bin/lib/jdk.sh.
#
# A host is a set of namespaces: network, host name, processes, /run, /etc/hosts and /etc/passwd, by which its only
# person has a home of its own. A cable joins the two, and vmhost has an sshd which lets the client in, as the guide
# presumes. Whatever was started on a host ends with it. Needs root.

# remote_blocks DIRECTORY: the code blocks marked "```sh client", "```sh vmhost" and "```sh vmhost daemon" as files,
# numbered as they stand in the guide.
remote_blocks() {
  awk -v directory="$1" '
    /^```sh (client|vmhost|vmhost daemon)$/ {
      file = sprintf("%s/%02d-%s%s", directory, ++count, $2, $3 == "" ? "" : "-" $3); next
    }
    /^```/ { file = "" }
    file != "" { print >file }' docs/remote.md
}

# remote_host NAME ADDRESS: becomes the first process of the host. Its interface comes later, from outside.
remote_host() {
  set -euo pipefail
  hostname "$1"
  mount --bind "$home/hosts" /etc/hosts
  mount --bind "$home/$1.passwd" /etc/passwd
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -m 755 /run/sshd
  ip link set lo up
  touch "$home/$1.ready"
  exec tail -f /dev/null
}

# remote_within SECONDS WHAT COMMAND...: waits until the command succeeds.
remote_within() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if [ "$SECONDS" -ge "$end" ]; then
      echo "not in time: $what"
      return 1
    fi
    sleep 0.1
  done
}

# remote_on HOST COMMAND...: with the environment of a person who has just logged in.
remote_on() {
  local host=$1
  shift
  nsenter --target "${pids[$host]}" --all --wd="$home/$host" env -i HOME="$home/$host" USER=root LOGNAME=root \
    SHELL=/bin/bash LANG=C.UTF-8 PATH="$programs" DROVER_JAVA_HOME="$java_home" "$@"
}

remote_make_hosts() {
  local host
  printf '127.0.0.1 localhost\n192.0.2.10 vmhost.example vmhost\n192.0.2.20 client.example client\n' >"$home/hosts"
  for host in client vmhost; do
    mkdir -m 700 "$home/$host" "$home/$host/.ssh"
    sed "s|^\(root:[^:]*:0:[^:]*:[^:]*:\)[^:]*:[^:]*\$|\1$home/$host:/bin/bash|" /etc/passwd >"$home/$host.passwd"
    unshare --net --uts --mount --pid --fork --kill-child --mount-proc \
      bash -c "$(declare -f remote_host); home=$home; remote_host $host" &
    holders+=("$!")
    remote_within 10 "the namespaces of $host" test -e "$home/$host.ready"
    pids[$host]=$(cat "/proc/${holders[-1]}/task/${holders[-1]}/children")
    pids[$host]=${pids[$host]// /}
  done
  nsenter --target "${pids[client]}" --net ip link add eth0 type veth peer name eth0 netns "${pids[vmhost]}"
  nsenter --target "${pids[client]}" --net ip address add 192.0.2.20/24 dev eth0
  nsenter --target "${pids[vmhost]}" --net ip address add 192.0.2.10/24 dev eth0
  for host in client vmhost; do nsenter --target "${pids[$host]}" --net ip link set eth0 up; done
}

remote_make_sshd() {
  ssh-keygen -q -t ed25519 -N '' -f "$home/client/.ssh/id_ed25519"
  ssh-keygen -q -t ed25519 -N '' -f "$home/host_key"
  cp "$home/client/.ssh/id_ed25519.pub" "$home/vmhost/.ssh/authorized_keys"
  sed 's/^/vmhost.example /' "$home/host_key.pub" >"$home/client/.ssh/known_hosts"
  cat >"$home/sshd_config" <<CONFIG
HostKey $home/host_key
AuthorizedKeysFile .ssh/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PidFile none
Subsystem sftp internal-sftp
SetEnv PATH=$programs DROVER_JAVA_HOME=$java_home
CONFIG
  remote_on vmhost "$(PATH=$PATH:/usr/sbin command -v sshd)" -f "$home/sshd_config" -E "$home/sshd.log"
  remote_within 10 "sshd answers: $(cat "$home/sshd.log" 2>/dev/null)" \
    remote_on client ssh -o BatchMode=yes vmhost.example true 2>/dev/null
}

# remote_daemon BLOCK: ends the daemon of an earlier block, as Ctrl-C does, and starts this one.
remote_daemon() {
  if [ -n "$daemon" ]; then
    remote_on vmhost pkill -INT --exact --full '.*dev\.drover\.server\.Droverd.*'
    timeout 20 tail --pid="$daemon" -f /dev/null
  fi
  remote_on vmhost bash -eu "$1" >"$1.log" 2>&1 </dev/null &
  daemon=$!
  remote_within "$(remote_left)" "a daemon of docs/remote.md is ready" grep -q '^droverd ready' "$1.log" || {
    cat "$1.log"
    return 1
  }
}

# remote_left: seconds until the whole must have ended, and at least one for a command to fail in.
remote_left() { printf '%s\n' "$((deadline > SECONDS ? deadline - SECONDS : 1))"; }

# remote_run DIRECTORY: the blocks, each on its host.
remote_run() {
  local block
  for block in "$1"/*; do
    case $block in
      *-vmhost-daemon) remote_daemon "$block" ;;
      *-vmhost) remote_on vmhost timeout --kill-after=5 "$(remote_left)" bash -eux "$block" </dev/null ;;
      *-client) remote_on client timeout --kill-after=5 "$(remote_left)" bash -eux "$block" </dev/null ;;
    esac
  done
}

remote_end() {
  local code=$?
  [ "$code" -eq 0 ] || cat "$home/sshd.log" 2>/dev/null || true
  # Each is the parent of the first process of a host, with which the others end.
  [ "${#holders[@]}" -eq 0 ] || kill -KILL "${holders[@]}"
  wait
  rm -rf "$home"
  return "$code"
}

# remote_guide_works: every command of the guide succeeds, and those that list show what they reached.
remote_guide_works() (
  set -euo pipefail
  # On an idle machine it takes twenty seconds.
  deadline=$((SECONDS + 150))
  home=$(mktemp -d "${TMPDIR:-/tmp}/drover-remote.XXXXXX")
  holders=()
  declare -A pids=()
  daemon=
  trap remote_end EXIT
  java_home=$(drover_java_home)
  programs=$PWD/dist/target/drover/bin:/usr/local/bin:/usr/bin:/bin
  mkdir "$home/blocks"
  remote_blocks "$home/blocks"
  remote_make_hosts
  remote_make_sshd
  remote_run "$home/blocks" 2>&1 | tee "$home/output"
  # Over ssh and over TLS the guide lists a domain and asks for the name of the daemon's host.
  if [ "$(grep -cE '^ *[0-9]+ +test +running$' "$home/output")" -ne 2 ] ||
    [ "$(grep -cx vmhost "$home/output")" -ne 2 ]; then
    echo "docs/remote.md did not list a domain of vmhost over ssh and over TLS"
    exit 1
  fi
)
