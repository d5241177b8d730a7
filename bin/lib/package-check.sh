# shellcheck shell=bash
# Tries a Debian package in a fresh Debian 12. Source this file after bin/lib/packages.sh and bin/lib/package.sh, in the
# root of the source tree.
#
# The fresh Debian is a directory made of Debian's own packages; it is fetched once and kept, packed, below
# target/package. What runs in there has processes and mounts of its own, which end with the check whatever happens.
# systemd is not in there: bin/lib/chroot/systemctl stands for it.

package_base=target/package/debian-12.tar

# package_check DEB: succeeds if everything that is checked is as it should be.
package_check() {
  deb=$1
  [ "$(id -u)" -eq 0 ] || {
    echo "bin/package --check makes a root directory of its own, which root alone can do." >&2
    exit 1
  }
  drover_ensure_packages "to try the package" mmdebstrap=mmdebstrap mandoc=mandoc zsh=zsh fish=fish \
    systemd-analyze=systemd unshare=util-linux lintian=lintian
  mkdir -p "target/package"
  if [ ! -s "$package_base" ]; then
    echo "Fetching a fresh Debian 12 (once; into target/package)" >&2
    mmdebstrap --quiet --format=tar --variant=minbase bookworm "$package_base.new"
    mv "$package_base.new" "$package_base"
  fi
  work=$(mktemp -d "$PWD/target/package/check.XXXXXX")
  trap 'rm -rf --one-file-system "$work"' EXIT
  package_check_texts
  # Warnings are shown: which there are depends on lintian's own version.
  lintian --allow-root --fail-on error "$deb"
  mkdir "$work/debian"
  tar --extract --file "$package_base" --directory "$work/debian" --exclude './dev/*'
  cp "$deb" "$work/debian/drover.deb"
  package_newer "$deb" "$work/debian/newer.deb"
  install -m 755 bin/lib/chroot/systemctl "$work/debian/usr/bin/systemctl"
  install -m 755 bin/lib/chroot/life "$work/debian/life"
  # shellcheck disable=SC2016 # the inner bash expands it
  timeout --kill-after=10 300 unshare --mount --pid --fork --kill-child bash -euc '
    mount --make-rprivate /
    mount --bind "$1" "$1"
    mount -t proc proc "$1/proc"
    mount -t tmpfs tmpfs "$1/run"
    mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
    ln -sf /proc/self/fd "$1/dev/fd"
    for device in null zero random urandom; do
      touch "$1/dev/$device"
      mount --bind "/dev/$device" "$1/dev/$device"
    done
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive chroot "$1" /life
  ' check "$work/debian"
  echo "passed: the package installs, upgrades and goes without touching a domain" >&2
}

# package_newer DEB RESULT: the same package with a higher version.
package_newer() {
  dpkg-deb --raw-extract "$1" "$work/newer"
  sed -i 's/^\(Version: .*\)$/\1+newer/' "$work/newer/DEBIAN/control"
  dpkg-deb --root-owner-group -Znone --build "$work/newer" "$2" >/dev/null
  rm -rf "$work/newer"
}

# What can be read without being installed: units, manual and completions.
package_check_texts() {
  local root=$work/root page
  dpkg-deb --extract "$deb" "$root"
  package_check_units "$root"
  find "$root/usr/share/man" -name '*.gz' -exec gzip --decompress {} +
  find "$root/usr/share/man" -type f | while IFS= read -r page; do
    # A manual that stands beside the package's own is no part of this.
    mandoc -T lint -W warning "$page"
  done
  echo "passed: manual pages" >&2
  package_check_completions "$root"
  rm -rf "$root"
}

package_check_units() {
  local scope said units
  for scope in system user; do
    units=$1/usr/lib/systemd/$scope
    # That the programs are not where the unit names them says nothing of the unit.
    said=$(XDG_RUNTIME_DIR=$work SYSTEMD_UNIT_PATH="$units:" systemd-analyze verify "--$scope" --man=no \
      --recursive-errors=no "$units/droverd.service" 2>&1 | grep -v 'is not executable: No such file' || true)
    [ -z "$said" ] || {
      printf '%s\n' "$said" >&2
      exit 1
    }
    grep -qx KillMode=process "$units/droverd.service"
  done
  echo "passed: units" >&2
}

# As somebody types them: a verb, an option and the name of a domain, here and on another daemon, each completed.
package_check_completions() {
  local completed share=$1/usr/share
  completed=$(HOME=$work timeout 120 zsh -f bin/lib/completion/type.zsh "$share/zsh/vendor-completions/_drover")
  grep -q '^RAN=blockcommit --pivot web1' <<<"$completed"
  grep -q '^RAN=-c test:///other start web2' <<<"$completed"
  completed=$(HOME=$work timeout 120 fish --no-config bin/lib/completion/type.fish \
    "$share/fish/vendor_completions.d/drover.fish" | cut -f1 | tr '\n' ' ')
  [ "$completed" = "blockcommit --pivot web1 web2 blockcommit --readonly " ]
  completed=$(timeout 120 bash bin/lib/completion/type.bash "$share/bash-completion/completions/drover" | tr '\n' ' ')
  [ "$completed" = "blockcommit --pivot web1 web2 " ]
  echo "passed: completions of bash, zsh and fish" >&2
}
