// Element-by-element operations, with strides of 0 (a repeated number) or 1.
#include "math_f32.h"
#include "math_f64.h"

/// out[i] = EXPRESSION of v = x[i] and w = y[i], LANES at a time, so that all elements run through the same
/// vector code. A short last block overlaps the one before it; it is read first, since out may be x or y.
#define TAP_MAP_PAIR_LANES(X, Y, OUT, N, EXPRESSION) \
    do { \
        int64_t whole_ = (N) / LANES * LANES, rest_ = (N) - whole_; \
        int64_t held_ = whole_ > 0 ? LANES : rest_, first_ = (N) - held_; \
        REAL v_[LANES], w_[LANES]; \
        if (rest_ > 0) { \
            if (whole_ == 0) { \
                memset(v_, 0, sizeof v_); \
                memset(w_, 0, sizeof w_); \
                for (int64_t j = 0; j < held_; j++) { v_[j] = (X)[j], w_[j] = (Y)[j]; } \
            } else { \
                memcpy(v_, (X) + first_, sizeof v_); \
                memcpy(w_, (Y) + first_, sizeof w_); \
            } \
        } \
        for (int64_t i = 0; i < whole_; i += LANES) { \
            TAP_LANE_LOOP for (int j = 0; j < LANES; j++) { \
                REAL v = (X)[i + j], w = (Y)[i + j]; \
                (void)w; \
                (OUT)[i + j] = EXPRESSION; \
            } \
        } \
        if (rest_ > 0) { \
            TAP_LANE_LOOP for (int j = 0; j < LANES; j++) { \
                REAL v = v_[j], w = w_[j]; \
                (void)w; \
                v_[j] = EXPRESSION; \
            } \
            if (whole_ > 0) { \
                memcpy((OUT) + first_, v_, sizeof v_); \
            } else { \
                for (int64_t j = 0; j < held_; j++) { (OUT)[j] = v_[j]; } \
            } \
        } \
    } while (0)
#define TAP_MAP_LANES(X, OUT, N, EXPRESSION) TAP_MAP_PAIR_LANES(X, X, OUT, N, EXPRESSION);

/// out[i] = EXPRESSION of v = x[i], for what the compiler vectorizes by itself or what stays scalar.
#define TAP_MAP(X, OUT, N, EXPRESSION) \
    TAP_PARALLEL for (int64_t i = 0; i < (N); i++) { \
        REAL v = (X)[i]; \
        (OUT)[i] = EXPRESSION; \
    }

/// Runs STATEMENT with `u` = a[i * sa] and `w` = b[i * sb]; one loop for each pair of strides.
#define TAP_STRIDED(STATEMENT) \
    if (sa != 0 && sb != 0) { \
        TAP_PARALLEL for (int64_t i = 0; i < n; i++) { REAL u = a[i], w = b[i]; STATEMENT; } \
    } else if (sa != 0) { \
        REAL w = *b; \
        TAP_PARALLEL for (int64_t i = 0; i < n; i++) { REAL u = a[i]; STATEMENT; } \
    } else if (sb != 0) { \
        REAL u = *a; \
        TAP_PARALLEL for (int64_t i = 0; i < n; i++) { REAL w = b[i]; STATEMENT; } \
    } else { \
        REAL u = *a, w = *b; \
        TAP_PARALLEL for (int64_t i = 0; i < n; i++) { STATEMENT; } \
    }

/// sin(x) or, a quarter turn on, cos(x).
TAP_INLINE void tap_sines_f32(const float *x, float *out, int64_t n, int64_t quarters) {
    for (int64_t i = 0; i < n; i += 16) {
        float block[16] = {0}, result[16];
        size_t bytes = (size_t)(n - i < 16 ? n - i : 16) * sizeof(float);
        memcpy(block, x + i, bytes);
        _Pragma("clang loop vectorize_width(16) interleave_count(1) unroll(disable)")
        for (int j = 0; j < 16; j++) { result[j] = tap_sine_f32(block[j], quarters); }
        for (int j = 0; j < 16; j++) {
            // Beyond this the short form of pi / 2 is too short; not a number comes here too.
            if (!(fabsf(block[j]) <= TAP_SINE_LIMIT)) { result[j] = quarters ? cosf(block[j]) : sinf(block[j]); }
        }
        memcpy(out + i, result, bytes);
    }
}

TAP_INLINE void tap_sines_f64(const double *x, double *out, int64_t n, int64_t quarters) {
    for (int64_t i = 0; i < n; i++) { out[i] = quarters ? cos(x[i]) : sin(x[i]); }
}

#include "real_f32.h"
#include "elementwise.inc.h"
#include "real_f64.h"
#undef TAP_MAP_PAIR_LANES
#define TAP_MAP_PAIR_LANES(X, Y, OUT, N, EXPRESSION) \
    for (int64_t i = 0; i < (N); i++) { \
        REAL v = (X)[i], w = (Y)[i]; \
        (void)w; \
        (OUT)[i] = EXPRESSION; \
    }
#include "elementwise.inc.h"
