# shellcheck shell=bash
# Makes what bin/package makes. Source this file after bin/lib/packages.sh, jdk.sh and build.sh, in the root of the
# source tree. Everything is made below target/package.

package_home=$PWD/target/package
package_tree=$package_home/drover

# The modules of the JDK that the jars use, which `jdeps --print-module-deps` tells, without java.desktop (data binding
# does without) and java.rmi (of a terminal library's), and with jdk.net, which asks for the other end of a unix socket.
package_modules=java.base,java.instrument,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml
package_modules+=,jdk.httpserver,jdk.management,jdk.net,jdk.unsupported

package_version() { sed -n '0,/<artifactId>drover-parent/d; s:.*<version>\(.*\)</version>.*:\1:p' pom.xml | head -n 1; }

# When this was released, in seconds: the time of the last commit, so that the same sources give the same files.
package_epoch() { printf '%s\n' "${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"; }

# What the installed programs and the archive consist of, with a runtime of their own.
package_make_tree() {
  local java_home
  drover_build || return 1
  java_home=$(drover_java_home)
  rm -rf "$package_tree"
  mkdir -p "$package_home"
  cp -a dist/target/drover "$package_tree"
  rm "$package_tree/share/jdk.sh"
  "$java_home/bin/jlink" --add-modules "$package_modules" --strip-debug --no-header-files --no-man-pages \
    --compress zip-0 --output "$package_tree/runtime"
  package_client_jar "$java_home"
  package_texts "$java_home"
  (package_train)
}

# The client in one jar: a start opens and checks one file in place of sixty.
package_client_jar() {
  local java_home=$1 work=$package_home/client jar service
  rm -rf "$work"
  mkdir -p "$work/classes" "$work/one" "$package_tree/lib/client"
  for jar in "$package_tree"/lib/*.jar; do
    case ${jar##*/} in
      drover-server-* | drover-driver-* | logback-* | slf4j-* | sqlite-* | guice-* | junixsocket-* | prometheus-* | opentelemetry-*) continue ;;
    esac
    rm -rf "$work/one"
    mkdir "$work/one"
    (cd "$work/one" && "$java_home/bin/jar" --extract --file "$jar")
    # Signatures are those of other jars. Providers of one service are named in one file.
    rm -f "$work"/one/META-INF/*.{SF,RSA,DSA,EC} "$work"/one/META-INF/{MANIFEST.MF,INDEX.LIST} "$work/one/module-info.class"
    for service in "$work"/one/META-INF/services/*; do
      [ -f "$service" ] || continue
      mkdir -p "$work/classes/META-INF/services"
      { cat "$service" && echo; } >>"$work/classes/META-INF/services/${service##*/}"
      rm "$service"
    done
    cp -a "$work/one/." "$work/classes"
  done
  package_picocli "$java_home" "$work"
  printf 'Multi-Release: true\n' >"$work/manifest"
  "$java_home/bin/jar" --create --no-compress --file "$package_tree/lib/client/drover.jar" --manifest "$work/manifest" \
    -C "$work/classes" .
  rm -rf "$work"
}

# Picocli's own classes are of Java 5, which nothing can prepare before the start: compiled anew they can be.
package_picocli() {
  local java_home=$1 work=$2 version
  version=$(sed -n 's:.*<picocli.version>\(.*\)</picocli.version>.*:\1:p' pom.xml)
  mvn --batch-mode --quiet --non-recursive dependency:copy "-Dartifact=info.picocli:picocli:$version:jar:sources" \
    "-DoutputDirectory=$work/sources" </dev/null >&2
  (cd "$work/sources" && "$java_home/bin/jar" --extract --file "picocli-$version-sources.jar")
  find "$work/sources/picocli" -name '*.java' >"$work/files"
  "$java_home/bin/javac" --release 25 -nowarn -Xlint:none -proc:none -d "$work/classes" "@$work/files"
}

# Manual pages, completions and the configuration file, all from the programs themselves.
package_texts() {
  local java_home=$1 shell
  mkdir -p "$package_tree"/share/{man,completions}
  "$java_home/bin/java" -cp "dist/target/classes:$(drover_class_path dist/target/drover/lib)" \
    dev.drover.dist.man.ManPages "$package_tree/share/man" "$(date --utc --date="@$(package_epoch)" +%F)"
  for shell in bash zsh fish; do
    "$package_tree/bin/drover" completion "$shell" >"$package_tree/share/completions/$shell"
  done
  "$package_tree/bin/droverd" --print-config >"$package_tree/share/droverd.conf"
}

drover_class_path() {
  local IFS=:
  local jars=("$1"/*.jar)
  printf '%s\n' "${jars[*]}"
}

# In a shell of its own: runs both programs once, and lets the JVM write down what they loaded (JEP 483, 514 and 515).
package_train() {
  directory=$(mktemp -d "${TMPDIR:-/tmp}/drover-train.XXXXXX")
  daemon=
  trap '[ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null || true; rm -rf "$directory"' EXIT
  mkdir -p "$package_tree/aot"
  JAVA_TOOL_OPTIONS="-XX:AOTCacheOutput=$package_tree/aot/droverd.aot" "$package_tree/bin/droverd" --mode session \
    --state-directory "$directory/state" --runtime-directory "$directory/run" >"$directory/droverd.log" 2>&1 </dev/null &
  daemon=$!
  uri="test+unix:///default?socket=$directory/run/droverd.sock"
  deadline=$((SECONDS + 120))
  until grep -qs '^droverd ready' "$directory/droverd.log"; do
    if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "$daemon" 2>/dev/null; then
      package_train_failed droverd
    fi
    sleep 0.2
  done
  # Every class in a cache takes time at each start, so that what most people type has one of its own.
  package_train_client brief <<'COMMANDS'
list --all
list
dominfo test
domstate test
domid test
domname test
domuuid test
domblklist test
domblklist test --details
version
hostname
uri
COMMANDS
  package_train_client drover <<'COMMANDS'
list --all
dominfo test
domblklist test --details
domain chain test vda
snapshot-create-as test one --disk-only
snapshot-list test --tree
snapshot-delete test one
suspend test
resume test
destroy test
start test
blockpull test vda --wait --verbose
event --all --timeout 1
job list --all
version
list --all --output json
COMMANDS
  # Only now: the launcher takes what it finds there.
  mv "$directory/brief.aot" "$directory/drover.aot" "$package_tree/aot/"
  kill -TERM "$daemon"
  wait "$daemon" || package_train_failed droverd
  daemon=
  [ -s "$package_tree/aot/droverd.aot" ] || package_train_failed droverd
}

# package_train_client NAME: runs the client for the commands on standard input, and makes a cache of that.
package_train_client() {
  JAVA_TOOL_OPTIONS="-XX:AOTCacheOutput=$directory/$1.aot" timeout --kill-after=5 180 \
    "$package_tree/bin/drover" --connect "$uri" - >"$directory/$1.log" 2>&1 || package_train_failed "$1"
  [ -s "$directory/$1.aot" ] || package_train_failed "$1"
}

package_train_failed() {
  echo "The run of $1 from which its start is prepared failed:" >&2
  grep -v '^\[' "$directory/$1.log" >&2 || true
  exit 1
}

# One file to unpack anywhere, which needs nothing of the host but a C library.
package_make_archive() {
  local archive=$package_home/drover-$1-linux-$2.tar.gz
  tar --create --gzip --file "$archive" --directory "$package_home" --owner=0 --group=0 --numeric-owner \
    --transform "s:^drover:drover-$1:" drover
  printf '%s\n' "$archive"
}

# package_make_deb VERSION ARCHITECTURE: what Debian installs; root is not needed.
package_make_deb() {
  local root=$package_home/root deb=$package_home/drover_$1_$2.deb page shell
  rm -rf "$root"
  mkdir -p "$root"/{DEBIAN,etc/drover,usr/{bin,sbin,lib/systemd/{system,user}}} \
    "$root"/usr/share/{doc/drover,lintian/overrides,bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}
  cp -a "$package_tree" "$root/usr/lib/drover"
  for page in "$root"/usr/lib/drover/share/man/man*; do
    gzip -9 --no-name "$page"/*
  done
  mv "$root/usr/lib/drover/share/man" "$root/usr/share/man"
  # A file that shells read needs nobody named who would run it.
  sed '1{/^#!/d}' "$root/usr/lib/drover/share/completions/bash" >"$root/usr/share/bash-completion/completions/drover"
  rm "$root/usr/lib/drover/share/completions/bash"
  mv "$root/usr/lib/drover/share/completions/zsh" "$root/usr/share/zsh/vendor-completions/_drover"
  mv "$root/usr/lib/drover/share/completions/fish" "$root/usr/share/fish/vendor_completions.d/drover.fish"
  rmdir "$root/usr/lib/drover/share/completions"
  mv "$root/usr/lib/drover/share/droverd.conf" "$root/etc/drover/droverd.conf"
  # Not a link, which could be followed by another process only.
  sed 's:^home=.*:home=/usr/lib/drover:' "$package_tree/bin/drover" >"$root/usr/bin/drover"
  chmod 755 "$root/usr/bin/drover"
  ln -s ../lib/drover/bin/droverd "$root/usr/sbin/droverd"
  install -m 644 dist/src/debian/droverd.service "$root/usr/lib/systemd/system/droverd.service"
  install -m 644 dist/src/debian/droverd-user.service "$root/usr/lib/systemd/user/droverd.service"
  install -m 644 dist/src/debian/lintian-overrides "$root/usr/share/lintian/overrides/drover"
  package_documents "$root/usr/share/doc/drover" "$1"
  install -m 755 dist/src/debian/{postinst,prerm,postrm} "$root/DEBIAN"
  echo /etc/drover/droverd.conf >"$root/DEBIAN/conffiles"
  chmod -R u=rwX,go=rX "$root"
  sed "s/@VERSION@/$1/; s/@ARCHITECTURE@/$2/; s/@INSTALLED_SIZE@/$(du -sk --apparent-size "$root" | cut -f1)/" \
    dist/src/debian/control >"$root/DEBIAN/control"
  (cd "$root" && find etc usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  rm -f "$deb"
  dpkg-deb --root-owner-group -Zzstd -z9 --build "$root" "$deb" >&2
  rm -rf "$root"
  printf '%s\n' "$deb"
}

package_documents() {
  local directory=$1
  rm "$package_home"/root/usr/lib/drover/{LICENSE,README.md,CHANGELOG.md}
  install -m 644 dist/src/debian/copyright "$directory/copyright"
  install -m 644 README.md "$directory/README.md"
  cp docs/*.md "$directory"
  gzip -9 --no-name <CHANGELOG.md >"$directory/changelog.gz"
  gzip -9 --no-name >"$directory/changelog.Debian.gz" <<CHANGES
drover ($2) stable; urgency=medium

  * This version; changelog.gz says what is new in it.

 -- The Drover developers <drover@drover.invalid>  $(date --utc --date="@$(package_epoch)" '+%a, %d %b %Y %T +0000')
CHANGES
}
