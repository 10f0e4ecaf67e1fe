// Template of the row maximum and the exponentials of a row, included for each type.

/// Largest element of a row, -inf when empty; NaN may be passed over, since the exponentials bring it back.
TAP_INLINE REAL NAME(tap_row_max)(const REAL *x, int64_t n) {
    REAL best = -(REAL)INFINITY;
    int64_t i = 0;
    if (n >= LANES) {
        VREAL m0 = best, m1 = best;
        for (; i + 2 * LANES <= n; i += 2 * LANES) {
            VREAL v0 = *(const VREAL_UNALIGNED *)(x + i), v1 = *(const VREAL_UNALIGNED *)(x + i + LANES);
            m0 = v0 > m0 ? v0 : m0;
            m1 = v1 > m1 ? v1 : m1;
        }
        if (i + LANES <= n) {
            VREAL v = *(const VREAL_UNALIGNED *)(x + i);
            m0 = v > m0 ? v : m0;
        }
        VREAL last = *(const VREAL_UNALIGNED *)(x + n - LANES); // may overlap what has been seen
        m0 = m1 > m0 ? m1 : m0;
        m0 = last > m0 ? last : m0;
        return MAX_LANES(m0);
    }
    for (; i < n; i++) { best = x[i] > best ? x[i] : best; }
    return best;
}

TAP_INLINE void NAME(tap_exp_lanes)(VREAL *v) {
    REAL block[LANES] __attribute__((aligned(64)));
    *(VREAL *)block = *v;
    TAP_LANE_LOOP for (int j = 0; j < LANES; j++) { block[j] = NAME(tap_exp)(block[j]); }
    *v = *(VREAL *)block;
}

/// Sum of e^(x - shift) over a row; writes the terms too unless `out` is NULL.
TAP_INLINE double NAME(tap_row_exp)(const REAL *x, REAL shift, REAL *out, int64_t n) {
    double total = 0;
    for (int64_t start = 0; start < n; start += TAP_SUM_BLOCK) {
        int64_t end = n - start < TAP_SUM_BLOCK ? n : start + TAP_SUM_BLOCK;
        VREAL sum = 0;
        int64_t i = start;
        for (; i + LANES <= end; i += LANES) {
            VREAL v = *(const VREAL_UNALIGNED *)(x + i) - shift;
            NAME(tap_exp_lanes)(&v);
            if (out) { *(VREAL_UNALIGNED *)(out + i) = v; }
            sum += v;
        }
        if (i < end && i > start) {
            // The last whole vector of the block: lanes that have been done stay as they are.
            VMASK fresh = LANE_NUMBERS >= (VMASK)(LANES - (end - i));
            VREAL v = *(const VREAL_UNALIGNED *)(x + end - LANES) - shift, none = 0;
            NAME(tap_exp_lanes)(&v);
            sum += fresh ? v : none;
            if (out) {
                VREAL_UNALIGNED *target = (VREAL_UNALIGNED *)(out + end - LANES);
                *target = fresh ? v : *target;
            }
        } else if (i < end) {
            REAL block[LANES] __attribute__((aligned(64)));
            *(VREAL *)block = -(REAL)INFINITY;
            for (int64_t j = 0; j < end - i; j++) { block[j] = x[i + j]; }
            VREAL v = *(VREAL *)block - shift;
            NAME(tap_exp_lanes)(&v);
            sum += v;
            if (out) {
                *(VREAL *)block = v;
                for (int64_t j = 0; j < end - i; j++) { out[i + j] = block[j]; }
            }
        }
        total += ADD_LANES(sum);
    }
    return total;
}
