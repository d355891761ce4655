/* sha256.h: the Secure Hash Algorithm of FIPS 180-4, for digests of trees. */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>

/* Writes the hash of n bytes at data as 64 hexadecimal digits and a NUL. */
void sha256(const void *data, size_t n, char hex[65]);

#endif
