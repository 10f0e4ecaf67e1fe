// Counter-based random words.
#include "philox.h"

void tap_philox(uint64_t key, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t out[4]) {
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p = (uint64_t)c0 * 0xD2511F53u, q = (uint64_t)c2 * 0xCD9E8D57u;
        c0 = (uint32_t)(q >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)q;
        c2 = (uint32_t)(p >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

TAP_HOT void tap_philox_fill(uint64_t key, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t *out, int64_t n) {
    int64_t i = 0;
    for (; i + TAP_PHILOX_WORDS <= n; i += TAP_PHILOX_WORDS) {
        tap_philox_run(key, (uint32_t)(i / 4), c1, c2, c3, out + i);
    }
    if (i < n) {
        uint32_t words[TAP_PHILOX_WORDS];
        tap_philox_run(key, (uint32_t)(i / 4), c1, c2, c3, words);
        memcpy(out + i, words, (size_t)(n - i) * sizeof(uint32_t));
    }
}
