/* buddy: the page allocator against a model that knows of each page who has it.
 *
 *   buddy SEED STEPS
 */
#include "host.h"
#include "kernel/mm/buddy.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 5000, HOLDERS = 200, RESERVED = -2, FREE = -1 };

static struct Page *array;      /* on the heap, where a sanitizer watches */
static size_t size, free_now;
static int owner[MOST];         /* RESERVED, FREE, or the number of a holder */
static bool returned[MOST];
static struct { size_t first, n; } holders[HOLDERS];
static unsigned long counts[4]; /* allocations, refusals, frees, bad frees */

/* Some pages, with reserved ones between them. */
static void
set_up(size_t n)
{
    free(array);
    size = n;
    array = malloc(n * sizeof *array);
    free_now = 0;
    buddy_init(array, n);
    CHECK(nr_free_pages() == 0 && alloc_page() == NULL, "after buddy_init");
    for (size_t i = 0, length; i < n; i += length) {
        bool usable = below(4) > 0 || n < 4;

        length = 1 + below(usable ? n : n / 8 + 1);
        if (length > n - i)
            length = n - i;
        if (usable)
            buddy_add(i, length);
        for (size_t j = i; j < i + length; j++)
            owner[j] = usable ? FREE : RESERVED;
        free_now += usable ? length : 0;
    }
    for (size_t i = 0; i < n; i++)
        returned[i] = false;
    for (int i = 0; i < HOLDERS; i++)
        holders[i].n = 0;
    CHECK(nr_free_pages() == free_now, "after buddy_add");
    buddy_check();
}

static size_t
power_above(size_t n)
{
    size_t power = 1;

    while (power < n)
        power *= 2;
    return power;
}

static bool
all_are(size_t first, size_t n, int who)
{
    for (size_t i = first; i < first + n; i++)
        if (owner[i] != who)
            return false;
    return true;
}

/* Could n pages be had?  That is so if an aligned stretch is free. */
static bool
possible(size_t n)
{
    size_t step = power_above(n);

    for (size_t i = 0; i + step <= size; i += step)
        if (all_are(i, step, FREE))
            return true;
    return false;
}

static void
take(int i)
{
    size_t n = 1 + below(2u << below(below(8) > 0 ? 5 : 12)), first;
    struct Page *page = alloc_pages(n);

    if (page == NULL) {
        CHECK(!possible(n), "%zu pages", n);
        counts[1]++;
        return;
    }
    first = page - array;
    CHECK(first % power_above(n) == 0 && first + n <= size, "page %zu", first);
    CHECK(all_are(first, n, FREE), "page %zu, %zu pages", first, n);
    for (size_t j = first; j < first + n; j++)
        owner[j] = i;
    holders[i].first = first;
    holders[i].n = n;
    free_now -= n;
    counts[0]++;
}

static void
give_back(int i)
{
    size_t first = holders[i].first, n = holders[i].n;

    free_pages(&array[first], n);
    for (size_t j = first; j < first + n; j++)
        owner[j] = FREE;
    returned[first] = true;
    holders[i].n = 0;
    free_now += n;
    counts[2]++;
}

/* Gives back what must not be; the message follows from the model. */
static void
misbehave(void)
{
    size_t i = below(size), pa = i * PGSIZE, n, bad;
    int who = owner[i];

    counts[3]++;
    if (who == RESERVED) {
        PANICS(free_page(&array[i]), "free: the page at 0x%zx is reserved", pa);
    } else if (who == FREE && returned[i]) {
        PANICS(free_page(&array[i]),
               "free: the page at 0x%zx is freed twice", pa);
    } else if (who == FREE) {
        PANICS(free_page(&array[i]),
               "free: the page at 0x%zx never began an allocation", pa);
    } else if (i != holders[who].first) {
        PANICS(free_page(&array[i]),
               "free: the page at 0x%zx is not the first of its block", pa);
    } else {
        n = holders[who].n;
        do
            bad = below(2 * n + 2);
        while (bad == n);
        PANICS(free_pages(&array[i], bad),
               "free: %zu of the %zu pages at 0x%zx", bad, n, pa);
    }
}

static void
other_mistakes(void)
{
    struct Page *before = array - 1, *behind = array + size;
    struct Page *between = (struct Page *)((char *)array + 1);

    PANICS(alloc_pages(0), "an allocation of no pages");
    PANICS(free_page(before), "free: %p is not in the array of pages",
           (void *)before);
    PANICS(free_page(behind), "free: %p is not in the array of pages",
           (void *)behind);
    PANICS(free_page(NULL), "free: %p is not in the array of pages", NULL);
    PANICS(free_page(between), "free: %p is misaligned, no page begins there",
           (void *)between);
    for (size_t i = 0; i < size; i++)
        if (owner[i] != RESERVED) {
            PANICS(buddy_add(i, 1), "page 0x%zx is added twice", i);
            break;
        }
    PANICS(buddy_add(size, 1), "assertion failed: "
           "first <= npage && n <= npage - first");
    CHECK(alloc_pages(SIZE_MAX) == NULL, "everything");
    CHECK(alloc_pages(((size_t)1 << (ORDERS - 1)) + 1) == NULL, "too much");
}

static void
run(size_t n, unsigned long steps)
{
    set_up(n);
    for (unsigned long step = 0; step < steps; step++) {
        int i = below(HOLDERS);

        if (below(50) == 0)
            misbehave();
        else if (holders[i].n > 0)
            give_back(i);
        else
            take(i);
        CHECK(nr_free_pages() == free_now, "%zu, not %zu", nr_free_pages(),
              free_now);
        if (step % 500 == 0)
            buddy_check();
    }
    other_mistakes();
    for (int i = 0; i < HOLDERS; i++)
        if (holders[i].n > 0)
            give_back(i);
    CHECK(nr_free_pages() == free_now, "at the end");
    buddy_check();
}

int
main(int argc, char *argv[])
{
    static const size_t sizes[] = { 1, 3, 64, 777, 1000, 2048, 4096, MOST };
    enum { KINDS = sizeof sizes / sizeof *sizes };

    if (argc != 3)
        return 2;
    seed(strtoul(argv[1], NULL, 0));
    for (int i = 0; i < 10 * KINDS; i++)
        run(sizes[i % KINDS], strtoul(argv[2], NULL, 0) / (10 * KINDS));
    free(array);
    printf("%lu allocations, %lu refusals, %lu frees, %lu bad frees\n",
           counts[0], counts[1], counts[2], counts[3]);
    return 0;
}
