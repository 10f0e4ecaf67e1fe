// Template of adamw.c, included for each type.

TAP_HOT void NAME(tap_adamw)(REAL *p, REAL *m, REAL *v, const REAL *g, int64_t n, double grad_scale, double lr,
                             double b1, double b2, double epsilon, double decay, double bias1,
                             double sqrt_bias2) {
    REAL scale = (REAL)grad_scale, keep = (REAL)(1 - lr * decay), step = (REAL)(lr / bias1);
    REAL beta1 = (REAL)b1, rest1 = (REAL)(1 - b1), beta2 = (REAL)b2, rest2 = (REAL)(1 - b2);
    REAL root = (REAL)sqrt_bias2, small = (REAL)epsilon;
    if (g) {
        TAP_PARALLEL for (int64_t i = 0; i < n; i++) {
            REAL slope = g[i] * scale;
            REAL first = beta1 * m[i] + rest1 * slope;
            REAL second = beta2 * v[i] + rest2 * (slope * slope);
            REAL size = NAME(tap_sqrt)(second) / root;
            m[i] = first;
            v[i] = second;
            p[i] = p[i] * keep - step * (first / (size + small));
        }
    } else {
        TAP_PARALLEL for (int64_t i = 0; i < n; i++) {
            REAL first = beta1 * m[i];
            REAL second = beta2 * v[i];
            REAL size = NAME(tap_sqrt)(second) / root;
            m[i] = first;
            v[i] = second;
            p[i] = p[i] * keep - step * (first / (size + small));
        }
    }
}
