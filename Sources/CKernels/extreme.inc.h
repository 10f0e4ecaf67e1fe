// Template of a maximum or minimum (EXTREME, BEATS, NOTHING), included for each type and each of the two.

#define EXTREME_PART_(extreme, part, suffix) extreme##_##part##_##suffix
#define EXTREME_PART(extreme, part, suffix) EXTREME_PART_(extreme, part, suffix)

/// The extreme of a row; a NaN wins over everything.
TAP_INLINE REAL EXTREME_PART(EXTREME, row, SUFFIX)(const REAL *x, int64_t n) {
    REAL best = NOTHING;
    int64_t i = 0;
    if (n >= LANES) {
        VREAL m0 = best, m1 = best;
        for (; i + 2 * LANES <= n; i += 2 * LANES) {
            VREAL v0 = *(const VREAL_UNALIGNED *)(x + i), v1 = *(const VREAL_UNALIGNED *)(x + i + LANES);
            m0 = ((v0 BEATS m0) | (v0 != v0)) ? v0 : m0;
            m1 = ((v1 BEATS m1) | (v1 != v1)) ? v1 : m1;
        }
        if (i + LANES <= n) {
            VREAL v = *(const VREAL_UNALIGNED *)(x + i);
            m0 = ((v BEATS m0) | (v != v)) ? v : m0;
        }
        VREAL last = *(const VREAL_UNALIGNED *)(x + n - LANES); // may overlap what has been seen
        m1 = ((last BEATS m1) | (last != last)) ? last : m1;
        m0 = ((m1 BEATS m0) | (m1 != m1)) ? m1 : m0;
        REAL lane[LANES] __attribute__((aligned(64)));
        *(VREAL *)lane = m0;
        TAP_UNROLL for (int half = LANES / 2; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) {
                REAL v = lane[j + half];
                lane[j] = ((v BEATS lane[j]) | (v != v)) ? v : lane[j];
            }
        }
        return lane[0];
    }
    for (; i < n; i++) { best = ((x[i] BEATS best) | (x[i] != x[i])) ? x[i] : best; }
    return best;
}

/// First position of `best`, which may be NaN, in a row that holds it.
TAP_INLINE int32_t EXTREME_PART(EXTREME, position, SUFFIX)(const REAL *x, REAL best, int64_t n) {
    bool nan = best != best;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        VREAL v = *(const VREAL_UNALIGNED *)(x + i);
        VMASK hit = nan ? v != v : v == best;
        if (__builtin_reduce_or(hit)) { break; }
    }
    for (; i < n; i++) {
        if (nan ? x[i] != x[i] : x[i] == best) { return (int32_t)i; }
    }
    return -1;
}

TAP_HOT void NAME(EXTREME)(const REAL *x, REAL *out, int32_t *index, int64_t outer, int64_t n, int64_t inner) {
    for (int64_t o = 0; o < outer; o++) {
        const REAL *slab = x + o * n * inner;
        if (inner == 1) {
            out[o] = EXTREME_PART(EXTREME, row, SUFFIX)(slab, n);
            if (index) { index[o] = EXTREME_PART(EXTREME, position, SUFFIX)(slab, out[o], n); }
            continue;
        }
        for (int64_t first = 0; first < inner; first += TAP_COLUMN_CHUNK) {
            int64_t count = inner - first < TAP_COLUMN_CHUNK ? inner - first : TAP_COLUMN_CHUNK;
            REAL *best = out + o * inner + first;
            int32_t *place = index ? index + o * inner + first : NULL;
            // The first row is taken as it is, so that a column of infinities has position 0.
            for (int64_t j = 0; j < count; j++) { best[j] = n > 0 ? slab[first + j] : NOTHING; }
            if (place) {
                for (int64_t j = 0; j < count; j++) { place[j] = n > 0 ? 0 : -1; }
            }
            for (int64_t i = 1; i < n; i++) {
                const REAL *row = slab + i * inner + first;
                if (place) {
                    TAP_PARALLEL for (int64_t j = 0; j < count; j++) {
                        REAL v = row[j], old = best[j];
                        bool wins = (v BEATS old) | ((v != v) & (old == old));
                        best[j] = wins ? v : old;
                        place[j] = wins ? (int32_t)i : place[j];
                    }
                } else {
                    TAP_PARALLEL for (int64_t j = 0; j < count; j++) {
                        REAL v = row[j], old = best[j];
                        best[j] = ((v BEATS old) | (v != v)) ? v : old;
                    }
                }
            }
        }
    }
}

#undef EXTREME
#undef BEATS
#undef NOTHING
#undef EXTREME_PART
#undef EXTREME_PART_
