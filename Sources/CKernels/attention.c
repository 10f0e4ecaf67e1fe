// Ragged multi-head self-attention and its backward, one sequence and head at a time.
//
// Keys (and, backward, values) are transposed once per head, so that scores come out as vectors over keys; every
// other product runs along the head's own width. Scores live in blocks of a few rows and never leave the cache.
#include "lanes.h"
#include "math_f32.h"
#include "math_f64.h"
#include "philox.h"

/// Rows of scores that are worked on together.
enum { TAP_QUERY_BLOCK = 32 };

/// Words that decide over `rows` x `keys` probabilities from query `first` on; a row begins every
/// 4 * ceil(keys / 4) words. Room for a multiple of 64 words is needed.
TAP_INLINE void tap_attention_words(uint64_t key, int64_t first, int64_t rows, int64_t keys, int64_t heads,
                                    int64_t head, uint32_t sample, uint32_t site, uint32_t *words) {
    int64_t perRow = (keys + 3) / 4, total = rows * perRow, row = first, quad = 0;
    for (int64_t start = 0; start < total; start += TAP_PHILOX_COUNTERS) {
        uint64_t c0[TAP_PHILOX_COUNTERS] __attribute__((aligned(64)));
        uint64_t c1[TAP_PHILOX_COUNTERS] __attribute__((aligned(64)));
        for (int j = 0; j < TAP_PHILOX_COUNTERS; j++) {
            c0[j] = (uint64_t)quad;
            c1[j] = (uint64_t)(row * heads + head);
            quad++;
            bool wraps = quad == perRow;
            row += wraps;
            quad = wraps ? 0 : quad;
        }
        tap_philox_16(key, (const tap_v8u *)c0, (const tap_v8u *)c1, sample, site, words + start * 4);
    }
}

#include "real_f32.h"
#include "rows.inc.h"
#include "attention.inc.h"
#include "real_f64.h"
#include "rows.inc.h"
#include "attention.inc.h"
