// Template of segments.c, included for each type.

TAP_HOT void NAME(tap_scatter_add_rows)(REAL *table, const int32_t *indices, const REAL *values, int64_t rows,
                                        int64_t width) {
    for (int64_t r = 0; r < rows; r++) {
        REAL *target = table + indices[r] * width;
        const REAL *row = values + r * width;
        TAP_PARALLEL for (int64_t j = 0; j < width; j++) { target[j] += row[j]; }
    }
}

void NAME(tap_scatter_add_columns)(REAL *out, const int32_t *indices, const REAL *values, int64_t rows, int64_t n,
                                   int64_t k) {
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t j = 0; j < k; j++) { out[r * n + indices[r * k + j]] += values[r * k + j]; }
    }
}

TAP_HOT void NAME(tap_segment_sum)(const REAL *x, const int32_t *offsets, REAL *out, int64_t segments,
                                   int64_t width) {
    for (int64_t s = 0; s < segments; s++) {
        NAME(tap_column_sums)(x + offsets[s] * width, width, offsets[s + 1] - offsets[s], width, out + s * width);
    }
}

TAP_HOT void NAME(tap_gather_segment_sum)(const REAL *table, const int32_t *indices, const int32_t *offsets, REAL *out,
                                          int64_t first, int64_t last, int64_t width) {
    for (int64_t s = first; s < last; s++) {
        REAL *sum = out + s * width;
        for (int64_t j = 0; j < width; j++) { sum[j] = 0; }
        int32_t i = offsets[s], end = offsets[s + 1];
        for (; i + 1 < end; i += 2) {
            const REAL *a = table + indices[i] * width, *b = table + indices[i + 1] * width;
            TAP_PARALLEL for (int64_t j = 0; j < width; j++) { sum[j] = (sum[j] + a[j]) + b[j]; }
        }
        if (i < end) {
            const REAL *row = table + indices[i] * width;
            TAP_PARALLEL for (int64_t j = 0; j < width; j++) { sum[j] += row[j]; }
        }
    }
}

TAP_HOT void NAME(tap_segment_max)(const REAL *x, const int32_t *offsets, REAL *out, int32_t *index,
                                   int64_t segments, int64_t width) {
    for (int64_t s = 0; s < segments; s++) {
        REAL *best = out + s * width;
        int32_t *place = index + s * width;
        int32_t first = offsets[s], last = offsets[s + 1];
        for (int64_t j = 0; j < width; j++) {
            best[j] = first < last ? x[first * width + j] : -(REAL)INFINITY;
            place[j] = first < last ? first : -1;
        }
        for (int32_t i = first + 1; i < last; i++) {
            const REAL *row = x + i * width;
            TAP_PARALLEL for (int64_t j = 0; j < width; j++) {
                REAL v = row[j], old = best[j];
                bool wins = (v > old) | ((v != v) & (old == old)); // NaN wins
                best[j] = wins ? v : old;
                place[j] = wins ? i : place[j];
            }
        }
    }
}
