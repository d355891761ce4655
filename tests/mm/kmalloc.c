/* kmalloc: the kernel's allocator on the host, against a model, and misused.
 *
 *      kmalloc SEED STEPS
 *
 * The page allocator is a stub, and so is panic, which jumps back to the test.
 * Free pages are poisoned for ASan, so that nobody touches them unnoticed. */
#include "kernel/mm/kmalloc.h"
#include "kernel/mm/page.h"

#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES   300
#define LARGEST (5 * PGSIZE)
#define OBJECTS 600

static bool failed;

static void
report(const char *name, const char *why)
{
    if (why == NULL)
        printf("ok %s\n", name);
    else
        printf("FAIL %s: %s\n", name, why);
    fflush(stdout);
    failed |= why != NULL;
}

/* --- Panic ---------------------------------------------------------------- */

static jmp_buf caught;
static char said[256];

_Noreturn void
__panic(const char *function, const char *format, ...)
{
    int n = snprintf(said, sizeof said, "%s: ", function);
    va_list ap;

    va_start(ap, format);
    vsnprintf(said + n, sizeof said - n, format, ap);
    va_end(ap);
    longjmp(caught, 1);
}

/* --- Interrupts, of which there are none ---------------------------------- */

bool machine_intr_off(void);
void machine_intr_on(void);

bool
machine_intr_off(void)
{
    return false;
}

void
machine_intr_on(void)
{
}

/* --- Pages ---------------------------------------------------------------- */

static _Alignas(PGSIZE) unsigned char arena[PAGES][PGSIZE];
static struct Page page[PAGES];
static bool page_used[PAGES];
static size_t pages_left = PAGES;

static size_t
find_run(size_t n)
{
    size_t run = 0;

    for (size_t i = 0; i < PAGES; i++) {
        run = page_used[i] ? 0 : run + 1;
        if (run == n)
            return i + 1 - n;
    }
    return PAGES;
}

struct Page *
alloc_pages(size_t n)
{
    size_t first = find_run(n);

    if (first == PAGES)
        return NULL;
    for (size_t i = first; i < first + n; i++)
        page_used[i] = true;
    pages_left -= n;
    ASAN_UNPOISON_MEMORY_REGION(arena[first], n * PGSIZE);
    memset(arena[first], 0xA7, n * PGSIZE);
    return &page[first];
}

void
free_pages(struct Page *p, size_t n)
{
    for (size_t i = p - page; i < p - page + n; i++) {
        if (!page_used[i])
            __panic(__func__, "page %zu is free already", i);
        page_used[i] = false;
    }
    pages_left += n;
    ASAN_POISON_MEMORY_REGION(arena[p - page], n * PGSIZE);
}

size_t
nr_free_pages(void)
{
    return pages_left;
}

void *
page2kva(const struct Page *p)
{
    return arena[p - page];
}

struct Page *
kva2page(const void *kva)
{
    uintptr_t offset = (uintptr_t)kva - (uintptr_t)arena;

    if (offset >= sizeof arena)
        __panic(__func__, "no page at %p", kva);
    return &page[offset / PGSIZE];
}

/* --- The model ------------------------------------------------------------ */

static struct object {
    unsigned char *p;
    size_t size;
    unsigned char filling;
} object[OBJECTS];

static size_t taken[LARGEST + 1];       /* what a request of a size takes    */
static size_t bytes;                    /* what all of them together take    */
static size_t on_page[PAGES];           /* objects, or parts of blocks       */
static size_t pages_in_use;             /* those with any                    */
static size_t of_class[PGSIZE];         /* objects, by what they take        */
static size_t slabs_of_class[PGSIZE];
static bool owned[PAGES * PGSIZE / 16];

#define CHECK(condition)                                                     \
    do {                                                                     \
        if (!(condition))                                                    \
            __panic(__func__, "not so: %s", #condition);                     \
    } while (0)

static uint64_t state;

static size_t
below(size_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % n;
}

/* Records that an object is there (change 1) or has gone (-1). */
static void
account(const struct object *o, int change)
{
    size_t offset = o->p - arena[0], size = taken[o->size];
    size_t first = offset / PGSIZE, last = (offset + size - 1) / PGSIZE;

    bytes += change * size;
    for (size_t i = first; i <= last; i++) {
        if (on_page[i] == (change > 0 ? 0 : 1)) {
            pages_in_use += change;
            if (size < PGSIZE)
                slabs_of_class[size] += change;
        }
        on_page[i] += change;
    }
    if (size < PGSIZE)
        of_class[size] += change;
    for (size_t i = offset; i < offset + o->size; i += 16) {
        CHECK(owned[i / 16] == (change < 0));
        owned[i / 16] = change > 0;
    }
}

/* Whether the model agrees that there is no memory for a size. */
static bool
is_exhausted(size_t size)
{
    size_t t = taken[size];

    if (t >= PGSIZE)
        return find_run(t / PGSIZE) == PAGES;
    return pages_left == 0 &&
           of_class[t] == slabs_of_class[t] * (PGSIZE / t);
}

static void
take(struct object *o, size_t size)
{
    o->p = kmalloc(size);
    if (o->p == NULL) {
        CHECK(is_exhausted(size));
        return;
    }
    o->size = size;
    o->filling = below(256);
    CHECK((uintptr_t)o->p % 16 == 0);
    for (size_t i = 0; KMALLOC_CHECKED && taken[size] < PGSIZE && i < size; i++)
        CHECK(o->p[i] == 0x5A);
    account(o, 1);
    memset(o->p, o->filling, size);
}

static void
give(struct object *o)
{
    for (size_t i = 0; i < o->size; i++)
        CHECK(o->p[i] == o->filling);
    account(o, -1);
    kfree(o->p);
    o->p = NULL;
}

static size_t
random_size(void)
{
    static const size_t limits[] = { 16, 64, 64, 100, 100, 300, 2100, LARGEST };

    return 1 + below(limits[below(8)]);
}

/* --- The tests against the model ------------------------------------------ */

/* What a size takes never falls; the surplus is at most half of the size, and
 * 48 bytes. */
static void
test_sizes(void)
{
    for (size_t n = 1; n <= LARGEST; n++) {
        void *p = kmalloc(n);

        CHECK(p != NULL);
        taken[n] = kmalloc_bytes();
        CHECK(taken[n] >= n && taken[n] >= taken[n - 1]);
        CHECK(n % PGSIZE != 0 || taken[n] == n);
        CHECK(n > 2000 || taken[n] <= n + n / 2 + 48);
        kfree(p);
        CHECK(kmalloc_bytes() == 0 && pages_left == PAGES);
    }
    CHECK(kmalloc(0) == NULL && kmalloc(SIZE_MAX) == NULL);
    CHECK(kmalloc(SIZE_MAX - PGSIZE + 1) == NULL);
    CHECK(kmalloc((size_t)PAGES * PGSIZE + 1) == NULL);
    kfree(NULL);
}

static void
test_random(long steps)
{
    for (long step = 0; step < steps; step++) {
        /* Now few objects, now so many that memory ends. */
        bool many = step % 200000 >= 100000;
        struct object *o = &object[below(many ? OBJECTS : 150)];

        if (o->p == NULL)
            take(o, many ? 1 + below(4200) : random_size());
        else
            give(o);
        CHECK(kmalloc_bytes() == bytes);
        CHECK(PAGES - pages_left == pages_in_use);
        if (step % 1000 == 0)
            kmalloc_check();
    }
    for (int i = 0; i < OBJECTS; i++)
        if (object[i].p != NULL)
            give(&object[i]);
    CHECK(kmalloc_bytes() == 0 && pages_left == PAGES);
}

/* Every size in turn takes all there is, and gives it back. */
static void
test_exhaustion(void)
{
    for (size_t n = 8; n <= LARGEST; n += n / 3) {
        void **list = NULL, **p;

        while ((p = kmalloc(n)) != NULL) {
            *p = list;
            list = p;
        }
        CHECK(pages_left < (n + PGSIZE - 1) / PGSIZE);
        kmalloc_check();
        while ((p = list) != NULL) {
            list = *p;
            kfree(p);
        }
        CHECK(kmalloc_bytes() == 0 && pages_left == PAGES);
    }
}

/* --- Misuse: each must be recognised, in words of its own ----------------- */

/* Two objects of 100 bytes in a slab, and a block of a page and 100 bytes. */
static char *keep, *victim, *block;

#define OWN_WORD ((uintptr_t *)(victim + 128) - 1)

static void
write_to(char *p)
{
    *(volatile char *)p ^= 1;
}

/* One line each: what the user does wrong. */
#define MISUSE(name, ...)                                                    \
    static void misuse_##name(void)                                          \
    {                                                                        \
        __VA_ARGS__;                                                         \
    }
MISUSE(double, kfree(victim); kfree(victim))
MISUSE(double_last, kfree(victim); kfree(keep); kfree(keep))
MISUSE(double_block, kfree(block); kfree(block))
MISUSE(inside, kfree(victim + 16))
MISUSE(odd, kfree(victim + 1))
MISUSE(inside_block, kfree(block + 16))
MISUSE(later_page, kfree(block + PGSIZE))
MISUSE(tail, kfree(keep + PGSIZE - PGSIZE % 128 - 16))
MISUSE(foreign_page, kfree(page2kva(alloc_pages(1))))
MISUSE(foreign, kfree(&keep))
MISUSE(overrun, write_to(victim + 100); kfree(victim))
MISUSE(overrun_last, write_to((char *)OWN_WORD - 1); kfree(victim))
MISUSE(overrun_block, write_to(block + PGSIZE + 100); kfree(block))
MISUSE(size_lost, *OWN_WORD = SIZE_MAX; kfree(victim))
MISUSE(size_smaller, *OWN_WORD = 90; kfree(victim))
MISUSE(after, kfree(victim); write_to(victim + 8); kmalloc(100))
MISUSE(after_audit, kfree(victim); write_to(victim + 99); kmalloc_check())
MISUSE(after_return, kfree(victim); write_to(victim); kfree(keep))
MISUSE(link, kfree(victim); *OWN_WORD = 64; kmalloc(100))

static const struct misuse {
    const char *name;
    void (*run)(void);
    const char *says;
    bool checked;               /* only the checked build sees it */
} misuses[] = {
#define NOT_MINE " is not kmalloc's, or has been given back"
#define NO_OBJECT " is not the beginning of an object"
    { "double-free", misuse_double, " is free already", true },
    { "double-free-last", misuse_double_last, NOT_MINE, false },
    { "double-free-block", misuse_double_block, NOT_MINE, false },
    { "inside", misuse_inside, NO_OBJECT, false },
    { "odd", misuse_odd, NO_OBJECT, false },
    { "page-tail", misuse_tail, NO_OBJECT, false },
    { "inside-block", misuse_inside_block,
      " is not the beginning of a block", false },
    { "later-page", misuse_later_page, NOT_MINE, false },
    { "foreign-page", misuse_foreign_page, NOT_MINE, false },
    { "foreign", misuse_foreign, "kva2page: ", false },
    { "overrun", misuse_overrun,
      " has 100 bytes, but byte 100 was written", true },
    { "overrun-last", misuse_overrun_last,
      sizeof(void *) == 8 ? " has 100 bytes, but byte 119 was written"
                          : " has 100 bytes, but byte 123 was written", true },
    { "overrun-block", misuse_overrun_block,
      " has 4196 bytes, but byte 4196 was written", true },
    { "size-lost", misuse_size_lost, " has lost its size", true },
    { "size-smaller", misuse_size_smaller,
      " has 90 bytes, but byte 90 was written", true },
    { "use-after-free", misuse_after,
      " was free when byte 8 was written", true },
    { "use-found-by-audit", misuse_after_audit,
      " was free when byte 99 was written", true },
    { "use-found-on-return", misuse_after_return,
      " was free when byte 0 was written", true },
    { "link", misuse_link, " was free when its link was overwritten", true },
};

/* In a process of its own, since a panic leaves the allocator as it is. */
static void
run_misuse(const struct misuse *m)
{
    if (setjmp(caught) != 0) {
        fprintf(stderr, "%s\n", said);
        _exit(strstr(said, m->says) != NULL ? 0 : 3);
    }
    keep = kmalloc(100);
    victim = kmalloc(100);
    memset(victim, 0, 90);
    block = kmalloc(PGSIZE + 100);
    m->run();
    _exit(2);
}

static void
test_misuse(const struct misuse *m, const char *build)
{
    char name[64];
    int status;

    fflush(stdout);
    if (fork() == 0)
        run_misuse(m);
    wait(&status);
    snprintf(name, sizeof name, "kmalloc-%s-%s", build, m->name);
    report(name, !WIFEXITED(status)          ? "died"
                 : WEXITSTATUS(status) == 2  ? "was not noticed"
                 : WEXITSTATUS(status) == 3  ? "has another message"
                 : WEXITSTATUS(status) != 0  ? "stopped by a sanitizer"
                                             : NULL);
}

int
main(int argc, char **argv)
{
    const char *build = KMALLOC_CHECKED ? "checked" : "plain";
    static char name[64];
    static volatile int test;

    if (argc != 3) {
        fprintf(stderr, "usage: kmalloc SEED STEPS\n");
        return 2;
    }
    state = 88172645463325252 + strtoull(argv[1], NULL, 0);
    ASAN_POISON_MEMORY_REGION(arena, sizeof arena);
    kmalloc_init();
    for (test = 0; test < 3; test++) {
        static const char *const names[] = { "sizes", "random", "exhaustion" };

        snprintf(name, sizeof name, "kmalloc-%s-%s", build, names[test]);
        if (setjmp(caught) != 0) {
            report(name, said);
            return 1;           /* nothing can be trusted any more */
        }
        if (test == 0)
            test_sizes();
        else if (test == 1)
            test_random(atol(argv[2]));
        else
            test_exhaustion();
        report(name, NULL);
    }
    for (size_t i = 0; i < sizeof misuses / sizeof *misuses; i++)
        if (KMALLOC_CHECKED || !misuses[i].checked)
            test_misuse(&misuses[i], build);
    return failed;
}
