# shellcheck shell=bash
# What bash offers at the ends of four lines, with completion script $1.
drover() { if [[ $* = *test:///other* ]]; then echo web2; else echo web1; fi; }
# shellcheck source=/dev/null
. "$1"
for line in "drover blockcom" "drover blockcommit --piv" "drover blockcommit we" \
  "drover -c test:///other start we"; do
  read -r -a COMP_WORDS <<<"$line"
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  # shellcheck disable=SC2034 # for the script
  COMP_LINE=$line COMP_POINT=${#line}
  COMPREPLY=()
  _complete_drover_with_domains
  echo "${COMPREPLY[@]}"
done
