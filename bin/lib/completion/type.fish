# What fish offers at the ends of six lines, with completion script $argv[1].
function drover
    if string match -q '*test:///other*' -- "$argv"
        echo web2
    else
        echo web1
    end
end
source $argv[1]
for line in "drover blockcom" "drover blockcommit --piv" "drover blockcommit we" "drover -c test:///other start we" \
    "drover -c test:///other blockcom" "drover --read"
    complete -C $line
end
