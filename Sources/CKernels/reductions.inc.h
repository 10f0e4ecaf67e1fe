// Template of reductions.c, included for each type.

TAP_HOT void NAME(tap_sum)(const REAL *x, REAL *out, int64_t outer, int64_t n, int64_t inner) {
    for (int64_t o = 0; o < outer; o++) {
        const REAL *slab = x + o * n * inner;
        if (inner == 1) {
            out[o] = (REAL)NAME(tap_row_sum)(false, 0, slab, n);
        } else {
            NAME(tap_column_sums)(slab, inner, n, inner, out + o * inner);
        }
    }
}

TAP_HOT double NAME(tap_sum_of_squares)(const REAL *x, int64_t n) {
    double partial[16] = {0};
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int j = 0; j < 16; j++) {
            double v = x[i + j];
            partial[j] += v * v;
        }
    }
    for (int j = 0; i + j < n; j++) {
        double v = x[i + j];
        partial[j] += v * v;
    }
    for (int width = 8; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) { partial[j] += partial[j + width]; }
    }
    return partial[0];
}

#define EXTREME tap_max
#define BEATS >
#define NOTHING (-(REAL)INFINITY)
#include "extreme.inc.h"

#define EXTREME tap_min
#define BEATS <
#define NOTHING ((REAL)INFINITY)
#include "extreme.inc.h"

TAP_INLINE REAL NAME(tap_finite_or_zero)(REAL v) { return NAME(tap_abs)(v) < (REAL)INFINITY ? v : 0; }

/// The first `count` <= 4 * LANES columns of a slab [n, inner].
TAP_INLINE void NAME(tap_logsumexp_columns)(const REAL *x, REAL *out, int64_t n, int64_t inner, int64_t count) {
    // Padding columns stay 0 and keep the vector code whole.
    REAL shift[4 * LANES], sum[4 * LANES], row[4 * LANES] = {0};
    double total[4 * LANES] = {0};
    int64_t padded = (count + LANES - 1) / LANES * LANES;
    for (int64_t j = 0; j < 4 * LANES; j++) { shift[j] = -(REAL)INFINITY; }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < count; j++) {
            REAL v = x[i * inner + j];
            shift[j] = v > shift[j] ? v : shift[j];
        }
    }
    for (int64_t j = 0; j < 4 * LANES; j++) { shift[j] = NAME(tap_finite_or_zero)(shift[j]); }
    for (int64_t start = 0; start < n; start += TAP_ROW_BLOCK) {
        int64_t end = n - start < TAP_ROW_BLOCK ? n : start + TAP_ROW_BLOCK;
        memset(sum, 0, sizeof sum);
        for (int64_t i = start; i < end; i++) {
            memcpy(row, x + i * inner, (size_t)count * sizeof(REAL));
            for (int64_t first = 0; first < padded; first += LANES) {
                TAP_LANE_LOOP for (int j = 0; j < LANES; j++) {
                    sum[first + j] += NAME(tap_exp)(row[first + j] - shift[first + j]);
                }
            }
        }
        for (int64_t j = 0; j < count; j++) { total[j] += sum[j]; }
    }
    for (int64_t j = 0; j < count; j++) { out[j] = NAME(tap_log)((REAL)total[j]) + shift[j]; }
}

TAP_HOT void NAME(tap_logsumexp)(const REAL *x, REAL *out, int64_t outer, int64_t n, int64_t inner) {
    for (int64_t o = 0; o < outer; o++) {
        const REAL *slab = x + o * n * inner;
        if (inner == 1) {
            REAL shift = NAME(tap_finite_or_zero)(NAME(tap_row_max)(slab, n));
            out[o] = NAME(tap_log)((REAL)NAME(tap_row_exp)(slab, shift, NULL, n)) + shift;
        } else {
            for (int64_t first = 0; first < inner; first += 4 * LANES) {
                int64_t count = inner - first < 4 * LANES ? inner - first : 4 * LANES;
                NAME(tap_logsumexp_columns)(slab + first, out + o * inner + first, n, inner, count);
            }
        }
    }
}
