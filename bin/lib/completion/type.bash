# shellcheck shell=bash
# What bash offers at the ends of three lines, with completion script $1.
drover() { echo web1; }
# shellcheck source=/dev/null
. "$1"
for line in "drover blockcom" "drover blockcommit --piv" "drover blockcommit we"; do
  read -r -a COMP_WORDS <<<"$line"
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  # shellcheck disable=SC2034 # for the script
  COMP_LINE=$line COMP_POINT=${#line}
  COMPREPLY=()
  _complete_drover_with_domains
  echo "${COMPREPLY[@]}"
done
