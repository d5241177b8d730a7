# Types a line into an interactive zsh that has completion script $1, with tabs where one would press them, and prints
# what it shows. The program behind the line is a function that tells its arguments.
zmodload zsh/zpty
zpty terminal zsh -f -i
zpty -w terminal "PS1=; autoload -Uz compinit; compinit -u -D; source $1"
zpty -w terminal 'drover() { if [[ $* = *test:///other*list* ]]; then print web2; elif [[ $* = *list* ]]; then print web1; else printf "%s=%s\n" RAN "$*"; fi }'
zpty -w terminal 'printf "%s=%s\n" IS READY'
zpty -r terminal shown '*IS=READY*'
zpty -w -n terminal $'drover blockcom\t--piv\twe\t\n'
zpty -r terminal shown $'*RAN=*\n*'
print -r -- $shown
zpty -w -n terminal $'drover -c test:///other sta\twe\t\n'
zpty -r terminal shown $'*RAN=*\n*'
print -r -- $shown
