# complaints.awk: what is wrong in a LaTeX log, each with its place.
#
# References count only if `final` is set.  lockstep.tex writes @file and @line into the
# log wherever a block begins.

function complain(text) {
    print file ":" line ": " text
}

/^@file / { file = substr($0, 7); line = 1; next }
/^@line / { line = substr($0, 7); next }

/^! / {
    complain("LaTeX: " substr($0, 3))
    next
}
/^Missing character: / {
    sub(/^Missing character: There is no /, "")
    sub(/ in font .*/, "")
    complain("no font has the character " $0)
    next
}
/^Overfull \\hbox/ {
    match($0, /\([0-9.]+pt/)
    points = substr($0, RSTART + 1, RLENGTH - 3)
    if (points > 1)
        complain("a line is " int(points + .5) " pt too wide: shorten it")
    next
}
final && /^(LaTeX|Package hyperref) Warning: .*[Rr]eference .* undefined/ {
    complain("reference to something that is not there: " $0)
    next
}
/^LaTeX Warning: Label .* multiply defined/ {
    complain("label defined twice: " $0)
    next
}
