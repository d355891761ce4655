/* map: the memory map put in order, against a model that looks at each
 * sixteenth of a page.
 *
 *   map SEED COUNT
 */
#include "host.h"
#include "kernel/mm/map.h"
#include "kernel/mm/page.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAGES = 40, PARTS = 16, MOST = 12 };
#define PART (PGSIZE / PARTS)

static uint64_t origin;         /* where the pages of the model begin */
static bool says_yes[PAGES * PARTS], says_no[PAGES];

static void
make_range(struct memory_range *r)
{
    uint32_t begin = below(PAGES * PARTS), length = below(PAGES * PARTS / 2);
    uint32_t end = begin + length;

    if (end > PAGES * PARTS)
        end = PAGES * PARTS;
    r->usable = below(3) > 0;
    r->base = origin + (uint64_t)begin * PART;
    r->length = (uint64_t)(end - begin) * PART;
    if (end == PAGES * PARTS && below(2))
        r->length += below(2) ? UINT64_MAX / 2 : PGSIZE;
    for (uint32_t i = begin; i < end; i++)
        if (r->usable)
            says_yes[i] = true;
        else
            says_no[i / PARTS] = true;
}

static bool
page_is_usable(int page)
{
    for (int i = 0; i < PARTS; i++)
        if (!says_yes[page * PARTS + i])
            return false;
    return !says_no[page] && origin + (uint64_t)page * PGSIZE < -(uint64_t)PGSIZE;
}

static void
one_map(void)
{
    struct memory_range *ranges, *usable, *r;
    int n = below(MOST + 1), count, found = 0;

    for (int i = 0; i < PAGES * PARTS; i++)
        says_yes[i] = says_no[i / PARTS] = false;
    ranges = malloc((n + 1) * sizeof *ranges);
    usable = malloc(n * sizeof *usable);
    for (int i = 0; i < n; i++)
        make_range(&ranges[i]);
    count = normalise_map(ranges, n, usable);
    CHECK(count <= n, "%d of %d", count, n);
    r = usable;
    for (int page = 0, next; page < PAGES; page = next) {
        next = page + 1;
        if (!page_is_usable(page))
            continue;
        while (next < PAGES && page_is_usable(next))
            next++;
        CHECK(found++ < count, "page %d is missing", page);
        CHECK(r->usable && r->base == origin + (uint64_t)page * PGSIZE,
              "page %d", page);
        if (next < PAGES)
            CHECK(r->length == (uint64_t)(next - page) * PGSIZE, "page %d", page);
        r++;
    }
    /* Behind the model's pages there may be what reaches beyond them. */
    CHECK(found == count || (found + 1 == count &&
          r->base >= origin + (uint64_t)PAGES * PGSIZE), "%d more", count - found);
    free(ranges);
    free(usable);
}

int
main(int argc, char *argv[])
{
    if (argc != 3)
        return 2;
    seed(strtoul(argv[1], NULL, 0));
    for (long i = strtol(argv[2], NULL, 0); i > 0; i--) {
        static const uint64_t origins[] = {
            0, 0x100000, 0xFFFFFFFF - 20 * PGSIZE + 1, -(uint64_t)PAGES * PGSIZE
        };

        origin = origins[below(4)];
        one_map();
    }
    return 0;
}
