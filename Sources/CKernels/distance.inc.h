// Template of distance.c, included for each type.

TAP_INLINE REAL NAME(tap_distance)(bool squares, const REAL *a, const REAL *b, int64_t width) {
    VREAL s0 = 0, s1 = 0;
    int64_t i = 0;
    for (; i + 2 * LANES <= width; i += 2 * LANES) {
        VREAL d0 = *(const VREAL_UNALIGNED *)(a + i) - *(const VREAL_UNALIGNED *)(b + i);
        VREAL d1 = *(const VREAL_UNALIGNED *)(a + i + LANES) - *(const VREAL_UNALIGNED *)(b + i + LANES);
        if (squares) {
            s0 += d0 * d0;
            s1 += d1 * d1;
        } else {
            s0 += d0 < 0 ? -d0 : d0;
            s1 += d1 < 0 ? -d1 : d1;
        }
    }
    s0 += s1;
    REAL sum = ADD_LANES(s0);
    for (; i < width; i++) {
        REAL d = a[i] - b[i];
        if (squares) {
            sum += d * d;
        } else {
            sum += NAME(tap_abs)(d);
        }
    }
    return squares ? NAME(tap_sqrt)(sum) : sum;
}

TAP_HOT void NAME(tap_distance_matrix)(int p, const REAL *a, const REAL *b, REAL *out, int64_t m, int64_t n,
                                       int64_t width) {
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            out[i * n + j] = p == 2 ? NAME(tap_distance)(true, a + i * width, b + j * width, width)
                                    : NAME(tap_distance)(false, a + i * width, b + j * width, width);
        }
    }
}
