# shellcheck shell=bash
# Builds what the launchers start, only when a source is newer than the last build. Source this file
# after bin/lib/packages.sh and bin/lib/jdk.sh, in the root of the source tree.

drover_stamp=target/launcher-build

# A matter of milliseconds: looks at times only, and stops at the first newer file.
drover_build_is_current() {
  [ -f "$drover_stamp" ] && [ -d dist/target/drover/lib ] &&
    [ -z "$(find . -maxdepth 2 -name pom.xml -newer "$drover_stamp" -print -quit)" ] &&
    [ -z "$(find ./*/src bin/lib/jdk.sh -not -path '*/src/test/*' -newer "$drover_stamp" -print -quit)" ]
}

# Makes dist/target/drover current. Says on stderr that it builds; Maven's words appear only on failure.
drover_build() {
  local log=target/launcher-build.log
  ! drover_build_is_current || return 0
  drover_ensure_packages "to build Drover" mvn=maven flock=util-linux || return 1
  drover_java_home >/dev/null || return 1
  mkdir -p target
  exec {drover_build_lock}>target/launcher-build.lock
  flock --wait 900 "$drover_build_lock" || {
    echo "Another build has held target/launcher-build.lock for 15 minutes." >&2
    return 1
  }
  if ! drover_build_is_current; then
    echo "Building Drover (the first time takes minutes, as libraries are fetched; log: $log)" >&2
    touch "$drover_stamp.started"
    rm -rf dist/target/drover
    local code=0
    mvn --batch-mode --quiet --projects dist --also-make -Dmaven.test.skip=true package \
      >"$log" 2>&1 </dev/null || code=$?
    if [ "$code" -eq 130 ]; then
      echo "The build was interrupted." >&2
      return 1
    elif [ "$code" -ne 0 ]; then
      tail -n 40 "$log" >&2
      echo "The build failed; its log is $log" >&2
      return 1
    fi
    # What changed while Maven was running is built next time.
    mv "$drover_stamp.started" "$drover_stamp"
  fi
  exec {drover_build_lock}>&-
}
