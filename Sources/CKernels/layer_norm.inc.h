// Template of layer_norm.c, included for each type.

TAP_HOT void NAME(tap_layer_norm)(const REAL *x, const REAL *gamma, const REAL *beta, double epsilon,
                                  REAL *y, REAL *mean, REAL *rstd, int64_t rows, int64_t n) {
    for (int64_t r = 0; r < rows; r++) {
        const REAL *row = x + r * n;
        REAL *result = y + r * n;
        REAL center = (REAL)(NAME(tap_row_sum)(false, 0, row, n) / (double)n);
        double variance = NAME(tap_row_sum)(true, center, row, n) / (double)n;
        REAL factor = (REAL)(1 / __builtin_sqrt(variance + epsilon));
        mean[r] = center;
        rstd[r] = factor;
        TAP_PARALLEL for (int64_t i = 0; i < n; i++) {
            result[i] = (row[i] - center) * factor * gamma[i] + beta[i];
        }
    }
}

/// With g = dy * gamma and xh the normalized row: dx = rstd * (g - mean(g) - xh * mean(g * xh)).
TAP_HOT void NAME(tap_layer_norm_backward)(const REAL *x, const REAL *gamma, const REAL *mean, const REAL *rstd,
                                           const REAL *dy, REAL *dx, int64_t rows, int64_t n) {
    for (int64_t r = 0; r < rows; r++) {
        const REAL *row = x + r * n, *slope = dy + r * n;
        REAL *result = dx + r * n;
        REAL center = mean[r], factor = rstd[r];
        double total = 0, weighted = 0;
        for (int64_t start = 0; start < n; start += TAP_SUM_BLOCK) {
            int64_t end = n - start < TAP_SUM_BLOCK ? n : start + TAP_SUM_BLOCK;
            int64_t i = start;
            VREAL s0 = 0, s1 = 0, w0 = 0, w1 = 0;
            for (; i + 2 * LANES <= end; i += 2 * LANES) {
                VREAL g0 = *(const VREAL_UNALIGNED *)(slope + i) * *(const VREAL_UNALIGNED *)(gamma + i);
                VREAL g1 = *(const VREAL_UNALIGNED *)(slope + i + LANES)
                    * *(const VREAL_UNALIGNED *)(gamma + i + LANES);
                s0 += g0;
                s1 += g1;
                w0 += g0 * (*(const VREAL_UNALIGNED *)(row + i) - center);
                w1 += g1 * (*(const VREAL_UNALIGNED *)(row + i + LANES) - center);
            }
            s0 += s1;
            w0 += w1;
            REAL sum = ADD_LANES(s0), product = ADD_LANES(w0);
            for (; i < end; i++) {
                REAL g = slope[i] * gamma[i];
                sum += g;
                product += g * (row[i] - center);
            }
            total += sum;
            weighted += product;
        }
        REAL a = (REAL)(total / (double)n);
        REAL b = (REAL)(weighted / (double)n) * factor * factor;
        TAP_PARALLEL for (int64_t i = 0; i < n; i++) {
            result[i] = factor * (slope[i] * gamma[i] - a - (row[i] - center) * b);
        }
    }
}

TAP_HOT void NAME(tap_layer_norm_parameters)(const REAL *x, const REAL *mean, const REAL *rstd, const REAL *dy,
                                             REAL *dgamma, REAL *dbeta, int64_t rows, int64_t n,
                                             int64_t first, int64_t last) {
    for (int64_t column = first; column < last; column += TAP_COLUMN_CHUNK) {
        int64_t count = last - column < TAP_COLUMN_CHUNK ? last - column : TAP_COLUMN_CHUNK;
        REAL g[TAP_COLUMN_CHUNK] = {0}, b[TAP_COLUMN_CHUNK] = {0};
        double gamma[TAP_COLUMN_CHUNK] = {0}, beta[TAP_COLUMN_CHUNK] = {0};
        for (int64_t start = 0; start < rows; start += TAP_ROW_BLOCK) {
            int64_t end = rows - start < TAP_ROW_BLOCK ? rows : start + TAP_ROW_BLOCK;
            int64_t r = start;
            for (; r + 2 <= end; r += 2) {
                const REAL *x0 = x + r * n + column, *x1 = x0 + n;
                const REAL *d0 = dy + r * n + column, *d1 = d0 + n;
                REAL m0 = mean[r], m1 = mean[r + 1], f0 = rstd[r], f1 = rstd[r + 1];
                TAP_PARALLEL for (int64_t j = 0; j < count; j++) {
                    g[j] += d0[j] * ((x0[j] - m0) * f0) + d1[j] * ((x1[j] - m1) * f1);
                    b[j] += d0[j] + d1[j];
                }
            }
            if (r < end) {
                const REAL *x0 = x + r * n + column, *d0 = dy + r * n + column;
                REAL m0 = mean[r], f0 = rstd[r];
                TAP_PARALLEL for (int64_t j = 0; j < count; j++) {
                    g[j] += d0[j] * ((x0[j] - m0) * f0);
                    b[j] += d0[j];
                }
            }
            TAP_PARALLEL for (int64_t j = 0; j < count; j++) {
                gamma[j] += g[j];
                beta[j] += b[j];
                g[j] = 0;
                b[j] = 0;
            }
        }
        TAP_PARALLEL for (int64_t j = 0; j < count; j++) {
            dgamma[column + j] = (REAL)gamma[j];
            dbeta[column + j] = (REAL)beta[j];
        }
    }
}
