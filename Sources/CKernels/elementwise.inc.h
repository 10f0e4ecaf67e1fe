// Template of elementwise.c, included for each type.

TAP_HOT void NAME(tap_unary)(tap_unary_op op, const REAL *x, REAL *out, int64_t n) {
    switch (op) {
    case TAP_NEG: TAP_MAP(x, out, n, -v) break;
    case TAP_ABS: TAP_MAP(x, out, n, NAME(tap_abs)(v)) break;
    case TAP_SIGN: TAP_MAP(x, out, n, (v > 0 ? (REAL)1 : (v < 0 ? (REAL)-1 : v))) break;
    case TAP_EXP: TAP_MAP_LANES(x, out, n, NAME(tap_exp)(v)) break;
    case TAP_LOG: TAP_MAP_LANES(x, out, n, NAME(tap_log)(v)) break;
    case TAP_LOG1P: TAP_MAP_LANES(x, out, n, NAME(tap_log1p)(v)) break;
    case TAP_SQRT: TAP_MAP(x, out, n, NAME(tap_sqrt)(v)) break;
    case TAP_RECIPROCAL: TAP_MAP(x, out, n, (REAL)1 / v) break;
    case TAP_SQUARE: TAP_MAP(x, out, n, v * v) break;
    case TAP_TANH: TAP_MAP_LANES(x, out, n, NAME(tap_tanh)(v)) break;
    case TAP_SIGMOID: TAP_MAP_LANES(x, out, n, NAME(tap_sigmoid)(v)) break;
    case TAP_ERF: TAP_MAP_LANES(x, out, n, NAME(tap_erf)(v)) break;
    case TAP_RELU: TAP_MAP(x, out, n, (v <= 0 ? (REAL)0 : v)) break; // keeps NaN
    case TAP_SOFTPLUS: TAP_MAP_LANES(x, out, n, NAME(tap_softplus)(v)) break;
    case TAP_SIN: NAME(tap_sines)(x, out, n, 0); break;
    case TAP_COS: NAME(tap_sines)(x, out, n, 1); break;
    case TAP_FLOOR: TAP_MAP(x, out, n, NAME(tap_floor)(v)) break;
    case TAP_GELU: TAP_MAP_LANES(x, out, n, NAME(tap_gelu)(v)) break;
    case TAP_GELU_TANH: TAP_MAP_LANES(x, out, n, NAME(tap_gelu_tanh)(v)) break;
    }
}

TAP_HOT void NAME(tap_gelu_backward)(bool tanh_form, const REAL *x, const REAL *dy, REAL *out, int64_t n) {
    if (tanh_form) {
        TAP_MAP_PAIR_LANES(x, dy, out, n, w * NAME(tap_gelu_tanh_derivative)(v));
    } else {
        TAP_MAP_PAIR_LANES(x, dy, out, n, w * NAME(tap_gelu_derivative)(v));
    }
}

TAP_HOT void NAME(tap_binary)(tap_binary_op op, const REAL *a, int64_t sa, const REAL *b, int64_t sb,
                              REAL *out, int64_t n) {
    if (n <= 0) { return; }
    switch (op) {
    case TAP_ADD: TAP_STRIDED(out[i] = u + w) break;
    case TAP_SUB: TAP_STRIDED(out[i] = u - w) break;
    case TAP_MUL: TAP_STRIDED(out[i] = u * w) break;
    case TAP_DIV: TAP_STRIDED(out[i] = u / w) break;
    case TAP_MAX: TAP_STRIDED(out[i] = ((u > w) | (u != u)) ? u : w) break; // NaN wins
    case TAP_MIN: TAP_STRIDED(out[i] = ((u < w) | (u != u)) ? u : w) break;
    case TAP_POW:
        if (sb == 0 && *b == 2) {
            REAL first = *a;
            if (sa == 0) {
                for (int64_t i = 0; i < n; i++) { out[i] = first * first; }
            } else {
                TAP_MAP(a, out, n, v * v)
            }
        } else {
            REAL first = *a, second = *b; // read before out, which may be one of them, is written
            for (int64_t i = 0; i < n; i++) {
                out[i] = NAME(tap_pow)(sa != 0 ? a[i] : first, sb != 0 ? b[i] : second);
            }
        }
        break;
    }
}

void NAME(tap_binary_number)(tap_binary_op op, const REAL *x, double number, REAL *out, int64_t n) {
    REAL rounded = (REAL)number;
    NAME(tap_binary)(op, x, 1, &rounded, 0, out, n);
}

TAP_HOT void NAME(tap_compare)(tap_compare_op op, const REAL *a, int64_t sa, const REAL *b, int64_t sb,
                               uint8_t *out, int64_t n) {
    if (n <= 0) { return; }
    switch (op) {
    case TAP_LT: TAP_STRIDED(out[i] = u < w) break;
    case TAP_LE: TAP_STRIDED(out[i] = u <= w) break;
    case TAP_GT: TAP_STRIDED(out[i] = u > w) break;
    case TAP_GE: TAP_STRIDED(out[i] = u >= w) break;
    case TAP_EQ: TAP_STRIDED(out[i] = u == w) break;
    case TAP_NE: TAP_STRIDED(out[i] = u != w) break;
    }
}

TAP_HOT void NAME(tap_fill)(double value, REAL *out, int64_t n) {
    REAL number = (REAL)value;
    for (int64_t i = 0; i < n; i++) { out[i] = number; }
}

TAP_HOT void NAME(tap_axpy)(double a, const REAL *x, REAL *y, int64_t n) {
    REAL factor = (REAL)a;
    TAP_PARALLEL for (int64_t i = 0; i < n; i++) { y[i] += factor * x[i]; }
}

TAP_HOT bool NAME(tap_all_finite)(const REAL *x, int64_t n) {
    for (int64_t start = 0; start < n; start += TAP_SUM_BLOCK) {
        int64_t end = n - start < TAP_SUM_BLOCK ? n : start + TAP_SUM_BLOCK;
        int32_t bad = 0;
        for (int64_t i = start; i < end; i++) { bad |= !(NAME(tap_abs)(x[i]) < (REAL)INFINITY); }
        if (bad) { return false; }
    }
    return true;
}
