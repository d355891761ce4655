# code.awk: is every line of every chunk in the book, in order, as written?
#
#   awk -f code.awk TEXT CHAPTER...
#
# TEXT is what `pdftotext -layout` gives.  Blanks count as one; a line's
# indentation shows in its column, which must agree with the line before it.
# A reference to a chunk is printed as its name and number between angle
# brackets; what an experiment expects is no code.

function normal(s) {
    gsub(/[ \t\f]+/, " ", s)
    sub(/^ /, "", s)
    sub(/ $/, "", s)
    return s
}

function indentation(s) {
    match(s, /^ */)
    return RLENGTH
}

# What a line of a chunk must look like in the book; sets reference.
function printed(s) {
    s = normal(s)
    gsub(/@<</, "\001", s)
    reference = s ~ /<<.*>>/
    gsub(/\001/, "<<", s)
    sub(/^@@/, "@", s)
    return s
}

function complain(what, s) {
    print FILENAME ":" FNR ": " what ": " s
    if (!wrong++)
        first = FILENAME ":" FNR
}

# The column may be wrong by one: the text is laid out by proportion.
function agree(more, shift) {
    return more == 0 ? shift * shift <= 1 : more * shift > 0
}

# What stands between two lines of the book, but for a page's end and head.
function between(from, to,    i) {
    for (i = from + 1; i <= to; i++)
        if (page[i])
            return ""
    for (i = from + 1; i < to; i++)
        if (book[i] != "")
            return book[i]
    return ""
}

# Looks for the line, from the place of the last one on.
function look_for(s,    wanted, i, stranger) {
    wanted = printed(s)
    if (wanted == "") {
        last_line += last_line == FNR - 1
        return
    }
    for (i = at + 1; i <= n; i++)
        if (reference ? book[i] ~ /⟨.*[0-9]+\.[0-9]+ ?⟩/ : book[i] == wanted)
            break
    if (i > n) {
        complain("not in the book, or not in order", wanted)
        return
    }
    lines++
    stranger = last_line == FNR - 1 ? between(at, i) : ""
    if (stranger != "")
        complain("not in the chapter, but before this", stranger)
    # Next to each other here and there: compare the columns.
    if (!reference && !last_reference && last_line == FNR - 1 && i == at + 1 &&
        !agree(indentation(s) - last_indentation, column[i] - column[at]))
        complain("its indentation is lost", wanted)
    at = i
    last_line = FNR
    last_reference = reference
    last_indentation = indentation(s)
}

# A label in the margin may stand on the line of the code.
NR == FNR && /^ *(多个文件|several files)/ {
    sub(/多个文件/, "    ")
    sub(/several files/, "             ")
}
NR == FNR {
    book[++n] = normal($0)
    page[n] = /^\f/
    sub(/^\f/, "")
    column[n] = indentation($0)
    next
}
FNR == 1 { code = 0 }
/^<<.*>>=[ \t]*$/ { code = !/^<<experiment [^:]*>>=/; last_line = 0; next }
/^@([ \t]|$)/ { code = 0 }
code { look_for($0) }
END {
    if (lines < 500 || wrong)
        print lines + 0 " lines of code are in the book, " wrong + 0 \
            " are not, first " first
    exit lines < 500 || wrong
}
