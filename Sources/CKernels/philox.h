// Philox4x32-10, sixteen counters at a time.
#ifndef TAPESTRY_PHILOX_H
#define TAPESTRY_PHILOX_H

#include "kernels.h"

enum { TAP_PHILOX_COUNTERS = 16, TAP_PHILOX_WORDS = 64 };

/// Words of the 16 counters {c0[i], c1[i], c2, c3}, counter after counter.
///
/// A 32-bit word lives in the low half of a 64-bit lane, what is in the high half does not matter: this is the
/// form in which 32 x 32 -> 64 bit products are single vector instructions.
TAP_INLINE void tap_philox_16(uint64_t key, const tap_v8u c0[2], const tap_v8u c1[2], uint32_t c2, uint32_t c3,
                              uint32_t *words) {
    const tap_v8u low = 0xFFFFFFFFu;
    tap_v8u a[2] = {c0[0], c0[1]}, b[2] = {c1[0], c1[1]}, c[2], d[2];
    c[0] = c[1] = c2;
    d[0] = d[1] = c3;
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    TAP_UNROLL for (int round = 0; round < 10; round++) {
        TAP_UNROLL for (int half = 0; half < 2; half++) {
            tap_v8u p = (a[half] & low) * (uint64_t)0xD2511F53u;
            tap_v8u q = (c[half] & low) * (uint64_t)0xCD9E8D57u;
            a[half] = (q >> 32) ^ b[half] ^ (uint64_t)k0;
            b[half] = q;
            c[half] = (p >> 32) ^ d[half] ^ (uint64_t)k1;
            d[half] = p;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    TAP_UNROLL for (int half = 0; half < 2; half++) {
        tap_v8u first = (a[half] & low) | (b[half] << 32), second = (c[half] & low) | (d[half] << 32);
        tap_v8u out[2] = {__builtin_shufflevector(first, second, 0, 8, 1, 9, 2, 10, 3, 11),
                          __builtin_shufflevector(first, second, 4, 12, 5, 13, 6, 14, 7, 15)};
        memcpy(words + half * 32, out, sizeof out);
    }
}

/// The same for the counters {first + i, c1, c2, c3}.
TAP_INLINE void tap_philox_run(uint64_t key, uint32_t first, uint32_t c1, uint32_t c2, uint32_t c3,
                               uint32_t *words) {
    const tap_v8u steps = {0, 1, 2, 3, 4, 5, 6, 7};
    tap_v8u low[2] = {steps + (uint64_t)first, steps + (uint64_t)first + 8}, high[2];
    high[0] = high[1] = c1;
    tap_philox_16(key, low, high, c2, c3, words);
}

/// Smallest word that is kept at this dropout rate; 2^32 or more when none is.
TAP_INLINE uint64_t tap_keep_threshold(double rate) {
    double exact = rate * 4294967296.0;
    return exact <= 0 ? 0 : exact >= 4294967296.0 ? (uint64_t)1 << 32 : (uint64_t)ceil(exact);
}

#endif
