// Template of the sums that several files share, included for each type.
//
// A run of additions in REAL is at most a block long; blocks are added in double. The order depends on the
// length alone.

/// Sum of a row, or of the squared distances from `center`.
TAP_INLINE double NAME(tap_row_sum)(bool squares, REAL center, const REAL *x, int64_t n) {
    double total = 0;
    for (int64_t start = 0; start < n; start += TAP_SUM_BLOCK) {
        int64_t count = n - start < TAP_SUM_BLOCK ? n - start : TAP_SUM_BLOCK;
        const REAL *block = x + start;
        REAL sum = 0;
        int64_t i = 0;
        if (count >= LANES) {
            VREAL s0 = 0, s1 = 0, s2 = 0, s3 = 0;
            for (; i + 4 * LANES <= count; i += 4 * LANES) {
                VREAL v0 = *(const VREAL_UNALIGNED *)(block + i);
                VREAL v1 = *(const VREAL_UNALIGNED *)(block + i + LANES);
                VREAL v2 = *(const VREAL_UNALIGNED *)(block + i + 2 * LANES);
                VREAL v3 = *(const VREAL_UNALIGNED *)(block + i + 3 * LANES);
                if (squares) {
                    v0 -= center, v1 -= center, v2 -= center, v3 -= center;
                    s0 += v0 * v0, s1 += v1 * v1, s2 += v2 * v2, s3 += v3 * v3;
                } else {
                    s0 += v0, s1 += v1, s2 += v2, s3 += v3;
                }
            }
            for (; i + LANES <= count; i += LANES) {
                VREAL v = *(const VREAL_UNALIGNED *)(block + i);
                if (squares) {
                    v -= center;
                    s0 += v * v;
                } else {
                    s0 += v;
                }
            }
            if (i < count) {
                // The last whole vector of the block, without what has been added already.
                VREAL v = *(const VREAL_UNALIGNED *)(block + count - LANES), none = 0;
                if (squares) {
                    v -= center;
                    v *= v;
                }
                s1 += LANE_NUMBERS >= (VMASK)(LANES - (count - i)) ? v : none;
                i = count;
            }
            VREAL s = (s0 + s1) + (s2 + s3);
            sum = ADD_LANES(s);
        }
        for (; i < count; i++) {
            REAL v = block[i];
            if (squares) {
                v -= center;
                sum += v * v;
            } else {
                sum += v;
            }
        }
        total += sum;
    }
    return total;
}

/// out[j] = sum over i of x[i * stride + j], 0 <= j < width.
TAP_INLINE void NAME(tap_column_sums)(const REAL *x, int64_t stride, int64_t n, int64_t width, REAL *out) {
    for (int64_t first = 0; first < width; first += TAP_COLUMN_CHUNK) {
        int64_t count = width - first < TAP_COLUMN_CHUNK ? width - first : TAP_COLUMN_CHUNK;
        REAL *sum = out + first;
        double total[TAP_COLUMN_CHUNK];
        bool several = n > TAP_ROW_BLOCK;
        if (several) { memset(total, 0, sizeof total); }
        for (int64_t j = 0; j < count; j++) { sum[j] = 0; }
        for (int64_t start = 0; start < n; start += TAP_ROW_BLOCK) {
            int64_t end = n - start < TAP_ROW_BLOCK ? n : start + TAP_ROW_BLOCK;
            int64_t i = start;
            for (; i + 4 <= end; i += 4) {
                const REAL *r0 = x + i * stride + first, *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride;
                TAP_PARALLEL for (int64_t j = 0; j < count; j++) {
                    sum[j] += (r0[j] + r1[j]) + (r2[j] + r3[j]);
                }
            }
            for (; i < end; i++) {
                const REAL *row = x + i * stride + first;
                TAP_PARALLEL for (int64_t j = 0; j < count; j++) { sum[j] += row[j]; }
            }
            if (several) {
                TAP_PARALLEL for (int64_t j = 0; j < count; j++) {
                    total[j] += sum[j];
                    sum[j] = 0;
                }
            }
        }
        if (several) {
            TAP_PARALLEL for (int64_t j = 0; j < count; j++) { sum[j] = (REAL)total[j]; }
        }
    }
}
