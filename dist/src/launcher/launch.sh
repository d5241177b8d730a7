# shellcheck shell=bash
# What both launchers do: find a Java runtime and become the JVM. Source this file.

# drover_launch HOME PROGRAM CLASS-PATH MAIN-CLASS JVM-FLAG... -- ARGUMENT...: replaces this process by the JVM.
# With HOME/aot/PROGRAM.aot classes are loaded and linked already. A file that was made for another runtime or other
# jars is not used, and that is no reason for a word.
drover_launch() {
  local home=$1 aot=$1/aot/$2.aot class_path=$3 main=$4 java_home
  shift 4
  local flags=()
  while [ "$1" != -- ]; do
    flags+=("$1")
    shift
  done
  shift
  [ ! -r "$aot" ] || flags+=("-XX:AOTCache=$aot" -Xlog:aot=off -Xlog:cds=off)
  if [ -x "$home/runtime/bin/java" ]; then
    java_home=$home/runtime
  else
    # shellcheck source=bin/lib/jdk.sh
    . "$home/share/jdk.sh"
    java_home=$(drover_java_home) || exit 1
  fi
  # Native access: unix sockets and SQLite. CHILD keeps Guice away from a deprecated part of the JDK.
  exec "$java_home/bin/java" --enable-native-access=ALL-UNNAMED -Dguice_custom_class_loading=CHILD \
    "${flags[@]}" -cp "$class_path" "$main" "$@"
}

# drover_jars DIRECTORY [PATTERN]: a class path of the directory's jars but those whose name the pattern (of bash's
# extended ones) fits, in an order that no locale changes. Call it in a subshell.
drover_jars() {
  LC_ALL=C
  shopt -s extglob
  local class_path='' jar
  for jar in "$1"/*.jar; do
    # shellcheck disable=SC2254 # it is a pattern
    case ${jar##*/} in
      ${2:-}) ;;
      *) class_path+=:$jar ;;
    esac
  done
  printf '%s\n' "${class_path#:}"
}
