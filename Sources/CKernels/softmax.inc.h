// Template of softmax.c, included for each type.

TAP_HOT void NAME(tap_softmax)(bool logarithm, const REAL *x, REAL *out, int64_t rows, int64_t n) {
    for (int64_t r = 0; r < rows; r++) {
        const REAL *row = x + r * n;
        REAL *result = out + r * n;
        REAL shift = NAME(tap_row_max)(row, n);
        if (logarithm) {
            REAL log = NAME(tap_log)((REAL)NAME(tap_row_exp)(row, shift, NULL, n));
            TAP_PARALLEL for (int64_t i = 0; i < n; i++) { result[i] = (row[i] - shift) - log; }
        } else {
            REAL factor = (REAL)(1 / NAME(tap_row_exp)(row, shift, result, n));
            TAP_PARALLEL for (int64_t i = 0; i < n; i++) { result[i] *= factor; }
        }
    }
}
