# shellcheck shell=bash
# What both launchers do: find a JDK and become the JVM. Source this file.

# drover_launch HOME CLASS-PATH MAIN-CLASS JVM-FLAG... -- ARGUMENT...: replaces this process by the JVM.
drover_launch() {
  local home=$1 class_path=$2 main=$3 java_home
  shift 3
  local flags=()
  while [ "$1" != -- ]; do
    flags+=("$1")
    shift
  done
  shift
  # shellcheck source=bin/lib/jdk.sh
  . "$home/share/jdk.sh"
  java_home=$(drover_java_home) || exit 1
  # Native access: unix sockets and SQLite. CHILD keeps Guice away from a deprecated part of the JDK.
  exec "$java_home/bin/java" --enable-native-access=ALL-UNNAMED -Dguice_custom_class_loading=CHILD \
    "${flags[@]}" -cp "$class_path" "$main" "$@"
}

# drover_join PATH...: the paths with a colon between.
drover_join() {
  local IFS=:
  printf '%s\n' "$*"
}
