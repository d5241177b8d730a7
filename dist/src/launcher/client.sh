# shellcheck shell=bash
# The command line client from a source tree, and its parts that are programs of their own. `drover` starts it with bash.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=dist/src/launcher/launch.sh
. "$home/share/launch.sh"

# One end of a connection over ssh, which somebody waits for: a few classes of the client's and nothing else.
if [ "${1:-}" = bridge ] && [ "${2:-}" != --help ] && [ "${2:-}" != -h ]; then
  shift
  drover_launch "$home" bridge "$(drover_jars "$home/lib" '!(drover-client-*)')" dev.drover.client.cli.BridgeProgram \
    -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xmx32m -- "$@"
fi

# What a policy file may hold is known to the daemon's program alone.
if [ $# -eq 3 ] && [ "$1 $2" = 'policy check' ] && [ "${3#-}" = "$3" ]; then
  exec "$home/bin/droverd" --check-policy "$3"
fi

# A package has the client in one jar. Elsewhere what only the daemon needs stays out: a client that finds a logging
# backend spends its time setting it up.
if [ -r "$home/lib/client/drover.jar" ]; then
  client=$home/lib/client/drover.jar
else
  client=$(drover_jars "$home/lib" '@(drover-server|drover-driver|logback|slf4j|sqlite|guice)-*')
fi

# The suite brings libraries of its own, which no other command has to load. In the minute that it takes, the thorough
# compiler needs more of the processors than its code saves.
if [ "${1:-}" = conformance ]; then
  shift
  drover_launch "$home" conformance "$client:$(drover_jars "$home/lib/conformance")" \
    dev.drover.conformance.command.ConformanceCommand -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Ddrover.home=$home" -- "$@"
fi

drover_launch "$home" drover "$client" dev.drover.client.cli.DroverCommand "@$home/share/client.flags" -- "$@"
