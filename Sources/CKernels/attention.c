// Ragged multi-head attention and its backward, one sequence and head at a time.
//
// Keys (and, backward, values) are transposed once per head of theirs, so that scores come out as vectors over keys; every
// other product runs along the head's own width. Scores live in blocks of a few rows and never leave the cache.
#include "lanes.h"
#include "math_f32.h"
#include "math_f64.h"
#include "philox.h"

/// Rows of scores that are worked on together.
enum { TAP_QUERY_BLOCK = 32 };

/// Whether something is asked for that only the general variant does.
TAP_INLINE bool tap_attention_is_general(const tap_attention_plan *plan) {
    bool isBounded = plan->lowest > -TAP_UNBOUNDED || (plan->highest < TAP_UNBOUNDED && plan->highest != 0);
    return plan->key_offsets || plan->key_heads != plan->heads || isBounded;
}

/// Number of keys from `begin` on, a multiple of `lanes`, among which are all that the queries i ..< i + rows see.
TAP_INLINE int64_t tap_attention_keys(const tap_attention_plan *plan, int64_t i, int64_t rows, int64_t length,
                                      int64_t lanes, int64_t *begin) {
    int64_t low = i + plan->lowest, high = i + rows + plan->highest;
    low = low > 0 ? low / lanes * lanes : 0;
    high = high < length ? high : length;
    *begin = low;
    return high > low ? high - low : 0;
}

/// The part `from ..< to` of those keys that query i sees.
TAP_INLINE void tap_attention_row(const tap_attention_plan *plan, int64_t i, int64_t begin, int64_t keys, int64_t *from,
                                  int64_t *to) {
    int64_t low = i + plan->lowest - begin, high = i + plan->highest + 1 - begin;
    high = high < keys ? high : keys;
    *to = high > 0 ? high : 0;
    *from = low > 0 ? (low < *to ? low : *to) : 0;
}

/// The column of a bias table for a key `distance` places after its query.
TAP_INLINE int64_t tap_attention_column(const tap_attention_plan *plan, int64_t distance) {
    int64_t reach = plan->reach;
    return plan->columns[(distance < -reach ? -reach : distance > reach ? reach : distance) + reach];
}

/// Words that decide over the probabilities of `rows` queries from `first` on for `keys` keys from `begin` on, a
/// multiple of 4; a row begins every 4 * ceil(keys / 4) words. Room for a multiple of 64 words is needed.
TAP_INLINE void tap_attention_words(const tap_attention_plan *plan, int64_t first, int64_t rows, int64_t begin,
                                    int64_t keys, int64_t head, int64_t sequence, uint32_t *words) {
    int64_t perRow = (keys + 3) / 4, total = rows * perRow, row = first, quad = 0;
    for (int64_t start = 0; start < total; start += TAP_PHILOX_COUNTERS) {
        uint64_t c0[TAP_PHILOX_COUNTERS] __attribute__((aligned(64)));
        uint64_t c1[TAP_PHILOX_COUNTERS] __attribute__((aligned(64)));
        for (int j = 0; j < TAP_PHILOX_COUNTERS; j++) {
            c0[j] = (uint64_t)(begin / 4 + quad);
            c1[j] = (uint64_t)(row * plan->heads + head);
            quad++;
            bool wraps = quad == perRow;
            row += wraps;
            quad = wraps ? 0 : quad;
        }
        tap_philox_16(plan->key, (const tap_v8u *)c0, (const tap_v8u *)c1, plan->samples[sequence], plan->site,
                      words + start * 4);
    }
}

#include "real_f32.h"
#include "rows.inc.h"
#include "attention.inc.h"
#include "real_f64.h"
#include "rows.inc.h"
#include "attention.inc.h"
