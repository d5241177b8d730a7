# What fish offers at the ends of three lines, with completion script $argv[1].
function drover
    echo web1
end
source $argv[1]
for line in "drover blockcom" "drover blockcommit --piv" "drover blockcommit we"
    complete -C $line
end
