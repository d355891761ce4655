# sentences.awk: the first sentences of a language's paragraphs, letters only.
#
#   awk -v lang=zh|en -f sentences.awk CHAPTER...       (in the locale C)
#
# Those with any markup are left out, short ones, which may occur elsewhere, and
# the answers to exercises.

BEGIN {
    stop = lang == "zh" ? "。" : ". "
    marks = "[]{}`*_^@|<>\"'$\\#"
}

function marked(s,    i) {
    for (i = 1; i <= length(marks); i++)
        if (index(s, substr(marks, i, 1)))
            return 1
    return lang == "zh" && s ~ /[A-Za-z0-9]/
}

function letters(s) {
    gsub(/[ -\/:-@\[-`{-~]/, "", s)
    return s
}

/^:::+ *$/ {
    here = 0
    if (--depth < answer)
        answer = 0
    next
}
/^:::/ {
    depth++
    if ($2 == "answer")
        answer = depth
    here = !answer && $2 == lang
    next
}
/^<<.*>>=/ { here = 0 }
here && (i = index($0 " ", stop)) > 40 {
    s = substr($0, 1, i - 1)
    if (!marked(s))
        print letters(s)
}
