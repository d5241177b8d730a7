# shellcheck shell=bash
# What both launchers do: find a JDK, put the class path together, become the JVM. Source this file.

# drover_launch HOME MAIN-CLASS JVM-FLAG... -- ARGUMENT...: replaces this process by the JVM.
drover_launch() {
  local home=$1 main=$2 java_home class_path
  shift 2
  local flags=()
  while [ "$1" != -- ]; do
    flags+=("$1")
    shift
  done
  shift
  # shellcheck source=bin/lib/jdk.sh
  . "$home/share/jdk.sh"
  java_home=$(drover_java_home) || exit 1
  class_path=$(printf '%s:' "$home"/lib/*.jar)
  # Native access: unix sockets and SQLite. CHILD keeps Guice away from a deprecated part of the JDK.
  exec "$java_home/bin/java" --enable-native-access=ALL-UNNAMED -Dguice_custom_class_loading=CHILD \
    "${flags[@]}" -cp "${class_path%:}" "$main" "$@"
}
