// Leaf loops of Tapestry: plain C, one thread unless a function says otherwise, row-major arrays.
// Every real-valued kernel exists twice, `_f32` and `_f64`, with the same meaning.
#ifndef TAPESTRY_CKERNELS_H
#define TAPESTRY_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Threads (thread.c, parallel.c)

/// What belongs to a thread alone; its address tells threads apart.
typedef struct {
    /// The innermost of the scopes that are open on this thread, as the caller sees fit.
    void *scope;
    /// Above zero: parallel loops of this thread run on it alone.
    int64_t serial_depth;
} tap_thread_state;

extern _Thread_local tap_thread_state tap_thread;

static inline tap_thread_state *tap_current_thread(void) { return &tap_thread; }

/// Number of threads that parallel work is split over (the caller's included). Default: online CPUs.
int64_t tap_thread_count(void);
/// Sets the number of threads, 1 or more. Not to be called while parallel work runs.
void tap_set_thread_count(int64_t count);
/// Calls `body(context, i)` once for every i in 0..<count, spread over the threads, and returns when all are
/// done. Runs serially in the caller when `count` is 1, when the pool is busy with another caller's work
/// (nested calls included), or when the caller's `serial_depth` is above zero.
void tap_parallel_for(int64_t count, void (*body)(void *context, int64_t index), void *context);

// MARK: Matrix products (gemm.c)

/// C[M,N] = alpha * op(A)[M,K] * op(B)[K,N] + beta * C + bias[N] (bias may be NULL). op is the transpose when
/// the flag is set; `lda` … are row strides of the arrays as stored. beta == 0 never reads C. Uses the thread
/// pool. An element's value depends on its row of op(A), its column of op(B) and K alone: neither on M and N
/// nor on the number of threads.
void tap_gemm_f32(bool transposeA, bool transposeB, int64_t m, int64_t n, int64_t k, float alpha,
                  const float *a, int64_t lda, const float *b, int64_t ldb,
                  float beta, float *c, int64_t ldc, const float *bias);

// MARK: Element by element (elementwise.c)

typedef enum { TAP_ADD, TAP_SUB, TAP_MUL, TAP_DIV, TAP_POW, TAP_MAX, TAP_MIN } tap_binary_op;
typedef enum { TAP_LT, TAP_LE, TAP_GT, TAP_GE, TAP_EQ, TAP_NE } tap_compare_op;
typedef enum {
    TAP_NEG, TAP_ABS, TAP_SIGN, TAP_EXP, TAP_LOG, TAP_LOG1P, TAP_SQRT, TAP_RECIPROCAL, TAP_SQUARE, TAP_TANH,
    TAP_SIGMOID, TAP_ERF, TAP_RELU, TAP_SOFTPLUS, TAP_SIN, TAP_COS, TAP_FLOOR, TAP_GELU, TAP_GELU_TANH
} tap_unary_op;

#define TAP_DECLARE(REAL, SUFFIX) \
    /* out[i] = op(x[i]) for 0 <= i < n; out may be x. SOFTPLUS is ln(1 + e^x), x itself above 20. */ \
    void tap_unary_##SUFFIX(tap_unary_op op, const REAL *x, REAL *out, int64_t n); \
    /* Backward of GELU (exact, or the tanh form): out = dy * gelu'(x). */ \
    void tap_gelu_backward_##SUFFIX(bool tanh_form, const REAL *x, const REAL *dy, REAL *out, int64_t n); \
    /* out[i] = a[i*sa] op b[i*sb], strides 0 or 1; out may be a or b. */ \
    void tap_binary_##SUFFIX(tap_binary_op op, const REAL *a, int64_t sa, const REAL *b, int64_t sb, REAL *out, int64_t n); \
    /* out[i] = (a[i*sa] op b[i*sb]) as 0 or 1. */ \
    void tap_compare_##SUFFIX(tap_compare_op op, const REAL *a, int64_t sa, const REAL *b, int64_t sb, uint8_t *out, int64_t n); \
    /* out[i] = mask[i*sm] ? a[i*sa] : b[i*sb]. */ \
    void tap_select_##SUFFIX(const uint8_t *mask, int64_t sm, const REAL *a, int64_t sa, const REAL *b, int64_t sb, REAL *out, int64_t n); \
    void tap_fill_##SUFFIX(REAL value, REAL *out, int64_t n); \
    /* y[i] += a * x[i] */ \
    void tap_axpy_##SUFFIX(REAL a, const REAL *x, REAL *y, int64_t n); \
    bool tap_all_finite_##SUFFIX(const REAL *x, int64_t n); \
    /* Reductions of x seen as [outer, n, inner] over its middle axis, out [outer, inner]. Sums use several \
       accumulators and blocks, always in the same order. Empty n: sum 0, max -inf, min +inf. */ \
    void tap_sum_##SUFFIX(const REAL *x, REAL *out, int64_t outer, int64_t n, int64_t inner); \
    /* index[] (may be NULL) receives the first position of the extreme; a NaN wins over everything. */ \
    void tap_max_##SUFFIX(const REAL *x, REAL *out, int32_t *index, int64_t outer, int64_t n, int64_t inner); \
    void tap_min_##SUFFIX(const REAL *x, REAL *out, int32_t *index, int64_t outer, int64_t n, int64_t inner); \
    /* ln sum exp, shifted by the maximum; -inf when all are -inf, +inf when one is +inf. */ \
    void tap_logsumexp_##SUFFIX(const REAL *x, REAL *out, int64_t outer, int64_t n, int64_t inner); \
    /* Sum of squares, accumulated in double in a fixed order. */ \
    double tap_sum_of_squares_##SUFFIX(const REAL *x, int64_t n); \
    /* Rows of soft-max, or of its logarithm. x [rows, n]; out may be x. A row of -inf alone gives NaN. */ \
    void tap_softmax_##SUFFIX(bool logarithm, const REAL *x, REAL *out, int64_t rows, int64_t n); \
    /* Layer norm of rows, population variance (two passes): y = (x - mean) * rstd * gamma + beta. mean, rstd [rows] out. */ \
    void tap_layer_norm_##SUFFIX(const REAL *x, const REAL *gamma, const REAL *beta, double epsilon, \
                                 REAL *y, REAL *mean, REAL *rstd, int64_t rows, int64_t n); \
    /* dx [rows, n] of the above. */ \
    void tap_layer_norm_backward_##SUFFIX(const REAL *x, const REAL *gamma, const REAL *mean, const REAL *rstd, const REAL *dy, \
                                          REAL *dx, int64_t rows, int64_t n); \
    /* dgamma[n] = sum over rows of dy * (x - mean) * rstd, dbeta[n] = sum of dy, for columns first..<last only. */ \
    void tap_layer_norm_parameters_##SUFFIX(const REAL *x, const REAL *mean, const REAL *rstd, const REAL *dy, \
                                            REAL *dgamma, REAL *dbeta, int64_t rows, int64_t n, int64_t first, int64_t last); \
    /* out row r = table row indices[r]; rows of `width`. Indices are valid (checked by the caller). */ \
    void tap_gather_rows_##SUFFIX(const REAL *table, const int32_t *indices, REAL *out, int64_t rows, int64_t width); \
    /* table row indices[r] += values row r, in order of r. */ \
    void tap_scatter_add_rows_##SUFFIX(REAL *table, const int32_t *indices, const REAL *values, int64_t rows, int64_t width); \
    /* Segment sums over rows offsets[s]..<offsets[s+1] of x [T, width]; out [segments, width]; empty: zeros. */ \
    void tap_segment_sum_##SUFFIX(const REAL *x, const int32_t *offsets, REAL *out, int64_t segments, int64_t width); \
    /* Segment maxima, index[] the row (in x) of each maximum, first one wins; empty: -inf and -1. */ \
    void tap_segment_max_##SUFFIX(const REAL *x, const int32_t *offsets, REAL *out, int32_t *index, int64_t segments, int64_t width); \
    /* out[i, j] = (sum_d |a[i,d] - b[j,d]|^p)^(1/p) for p 1 or 2; a [m, width], b [n, width]. */ \
    void tap_distance_matrix_##SUFFIX(int p, const REAL *a, const REAL *b, REAL *out, int64_t m, int64_t n, int64_t width); \
    /* Dropout of rows with recomputable masks: element (r, c) is kept (and scaled by 1/(1-rate)) when the 32-bit \
       word number c % 4 of philox(key, {c / 4, position[r], sample[r], site}) is >= rate * 2^32, else 0. */ \
    void tap_dropout_##SUFFIX(const REAL *x, REAL *out, int64_t rows, int64_t width, double rate, uint64_t key, \
                              uint32_t site, const uint32_t *sample, const uint32_t *position); \
    /* Ragged multi-head self-attention of the sequences s in first..<last, for all heads. \
       q, k, v, out: [T, heads * d] (row stride heads*d). Scores are scale * q.k, soft-max over the keys of the same \
       sequence, if causal over those up to the query's own place; lse [T, heads] out. With rate > 0 probabilities are \
       dropped: probability of query i (position in the sequence), head h, key j is kept when word j % 4 of \
       philox(key, {j / 4, i * heads + h, sample[s], site}) >= rate * 2^32. */ \
    void tap_attention_##SUFFIX(const REAL *q, const REAL *k, const REAL *v, REAL *out, REAL *lse, const int32_t *offsets, \
                                int64_t first, int64_t last, int64_t heads, int64_t d, REAL scale, bool causal, \
                                double rate, uint64_t key, uint32_t site, const uint32_t *sample); \
    /* Its backward: dq, dk, dv [T, heads * d] are written (not added to); probabilities are recomputed from q, k, lse. */ \
    void tap_attention_backward_##SUFFIX(const REAL *q, const REAL *k, const REAL *v, const REAL *out, const REAL *lse, \
                                         const REAL *dout, REAL *dq, REAL *dk, REAL *dv, const int32_t *offsets, \
                                         int64_t first, int64_t last, int64_t heads, int64_t d, REAL scale, bool causal, \
                                         double rate, uint64_t key, uint32_t site, const uint32_t *sample); \
    /* AdamW on n elements. g may be NULL (a zero gradient); g is scaled by grad_scale first. \
       p *= 1 - lr*decay; m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; \
       p -= (lr / bias1) * m / (sqrt(v) / sqrt_bias2 + epsilon). */ \
    void tap_adamw_##SUFFIX(REAL *p, REAL *m, REAL *v, const REAL *g, int64_t n, double grad_scale, double lr, double b1, \
                            double b2, double epsilon, double decay, double bias1, double sqrt_bias2);

TAP_DECLARE(float, f32)
TAP_DECLARE(double, f64)
#undef TAP_DECLARE

// MARK: Random numbers (philox.c)

/// Philox4x32-10 of Salmon et al. 2011: four 32-bit words of a 64-bit key (low word first) and a 128-bit counter.
void tap_philox(uint64_t key, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t out[4]);
/// Words number 0..<n of the stream (key, {i / 4, c1, c2, c3})[i % 4].
void tap_philox_fill(uint64_t key, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t *out, int64_t n);

// MARK: Copies and casts (copy.c)

void tap_f32_to_f64(const float *x, double *out, int64_t n);
void tap_f64_to_f32(const double *x, float *out, int64_t n);
void tap_f16_to_f32(const uint16_t *x, float *out, int64_t n);
/// To the nearest, ties to even; beyond 65504 infinity.
void tap_f32_to_f16(const float *x, uint16_t *out, int64_t n);
void tap_bf16_to_f32(const uint16_t *x, float *out, int64_t n);
/// Permutes axes: out has shape outShape[i] = shape[axes[i]]; elements of 1, 4 or 8 bytes; rank 1..8.
void tap_permute(const void *x, void *out, int64_t elementSize, int64_t rank, const int64_t *shape, const int64_t *axes);
/// `count` blocks of `bytes`: out + i * outStride = x + i * xStride (strides in bytes).
void tap_copy_blocks(const void *x, int64_t xStride, void *out, int64_t outStride, int64_t bytes, int64_t count);

#ifdef __cplusplus
}
#endif
#endif
