/* target: checks the cases of printf.c on an i386, with the very object files
 * that are linked into the kernel.  A multiboot kernel of its own; the cases
 * are the module that comes with it. */
#include "case.h"
#include "lib/printfmt.h"
#include "lib/string.h"

struct multiboot { uint32_t flags, unused[4], mods_count, mods_addr; };
struct module { uint32_t start, end; };

void target_main(const struct multiboot *information);

__asm__(".text\n"
        ".long 0x1BADB002, 0, -0x1BADB002\n"
        ".globl _start\n"
        "_start: movl $stack + 65536, %esp\n"
        "    pushl %ebx\n"
        "    call target_main\n"
        ".comm stack, 65536, 16\n");

static const char unended[] = UNENDED_BYTES;
static const char *const strings[STRINGS] = STRING_TABLE;

static const char *
string(uint64_t number)
{
    return number == UNENDED ? unended : strings[number];
}

DEFINE_CALL(call_engine, snprintf)

static void
print(const char *s)
{
    for (; *s != '\0'; s++)
        __asm__ volatile("outb %b0, %w1" : : "a"(*s), "d"(0x3F8));
}

static int
check(const struct test_case *t)
{
    static char buffer[TEXT];
    int n, m = t->length < t->size ? t->length + 1 : t->size;

    memset(buffer, '#', sizeof buffer);
    n = call_engine(t, buffer);
    if (n == t->length && memcmp(buffer, t->expected, m) == 0 &&
        (m == TEXT || buffer[m] == '#'))
        return 0;
    print("format:   "); print(t->format);
    print("\nexpected: "); print(t->expected);
    buffer[TEXT - 1] = '\0';
    print("\ngot:      "); print(buffer);
    print("\n");
    return 1;
}

void
target_main(const struct multiboot *information)
{
    const struct module *m = (const void *)information->mods_addr;
    const struct test_case *t = (const void *)m->start;
    int wrong = 0, count = 0;
    char line[32];

    for (; (uintptr_t)(t + 1) <= m->end && wrong < 5; t++, count++)
        wrong += check(t);
    snprintf(line, sizeof line, "%d cases\n", count);
    print(line);
    __asm__ volatile("outb %b0, $0xF4" : : "a"(wrong ? 0x11 : 0x10));
    for (;;)
        __asm__ volatile("hlt");
}
