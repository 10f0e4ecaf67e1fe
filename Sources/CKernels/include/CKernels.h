// Leaf loops of Tapestry: plain C, one thread unless a function says otherwise, row-major arrays.
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

// MARK: Hashes (sha256.c)

/// Takes whole blocks of 64 bytes into a state of SHA-256.
void tap_sha256(uint32_t state[8], const uint8_t *bytes, int64_t blocks);
/// The same without the processor's own rounds.
void tap_sha256_portable(uint32_t state[8], const uint8_t *bytes, int64_t blocks);

#ifdef __linux__
// MARK: Loaded programs and libraries (images.c)

/// A program or library in memory; what it points to lives as long as the call that tells of it.
typedef struct {
    const char *path;
    uint64_t base, end_of_text;
    const uint8_t *build_id; // NULL if it has none
    int64_t build_id_length;
} tap_image;

/// Tells of every image. It stays loaded meanwhile: the loader's lock is held, and no other memory is read.
void tap_each_image(void (*found)(void *context, const tap_image *image), void *context);
#endif

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

/// What tap_attention works on.
typedef struct {
    const int32_t *offsets;     // [sequences + 1]: rows of q
    const int32_t *key_offsets; // [sequences + 1]: rows of k and v; NULL where they are those of q
    int64_t heads, key_heads;   // head h has the keys and values of head h / (heads / key_heads)
    int64_t d;                  // width of a head
    double scale;
    int64_t lowest, highest;    // query i of a sequence sees its keys i + lowest ... i + highest
    int64_t rotated;            // how much of a head turns by position
    const int32_t *columns;     // [2 * reach + 1]: the bias's column for each place of a key relative to its query
    int64_t reach, column_count;
    // With rate > 0 probabilities are dropped: that of query i, head h, key j is kept when word j % 4 of
    // philox(key, {j / 4, i * heads + h, samples[s], site}) >= rate * 2^32.
    double rate;
    uint64_t key;
    uint32_t site;
    const uint32_t *samples;
} tap_attention_plan;

/// As `highest`, and with a minus as `lowest`: no bound.
#define TAP_UNBOUNDED ((int64_t)1 << 40)

/// The loops over real numbers: TAP_IN and TAP_OUT are arrays of one type, which each exists for.
/// KERNEL(result, name, parameters, arguments) is called for each.
#define TAP_KERNELS(KERNEL) \
    /* out[i] = op(x[i]) for 0 <= i < n; out may be x. SOFTPLUS is ln(1 + e^x), x itself above 20. */ \
    KERNEL(void, unary, (tap_unary_op op, TAP_IN x, TAP_OUT out, int64_t n), (op, x, out, n)) \
    /* Backward of GELU (exact, or the tanh form): out = dy * gelu'(x). */ \
    KERNEL(void, gelu_backward, (bool tanh_form, TAP_IN x, TAP_IN dy, TAP_OUT out, int64_t n), (tanh_form, x, dy, out, n)) \
    /* out[i] = a[i*sa] op b[i*sb], strides 0 or 1; out may be a or b. */ \
    KERNEL(void, binary, (tap_binary_op op, TAP_IN a, int64_t sa, TAP_IN b, int64_t sb, TAP_OUT out, int64_t n), \
           (op, a, sa, b, sb, out, n)) \
    /* out[i] = x[i] op number, the number as one of the arrays' type. */ \
    KERNEL(void, binary_number, (tap_binary_op op, TAP_IN x, double number, TAP_OUT out, int64_t n), (op, x, number, out, n)) \
    /* out[i] = (a[i*sa] op b[i*sb]) as 0 or 1. */ \
    KERNEL(void, compare, (tap_compare_op op, TAP_IN a, int64_t sa, TAP_IN b, int64_t sb, uint8_t *out, int64_t n), \
           (op, a, sa, b, sb, out, n)) \
    KERNEL(void, fill, (double value, TAP_OUT out, int64_t n), (value, out, n)) \
    /* y[i] += a * x[i] */ \
    KERNEL(void, axpy, (double a, TAP_IN x, TAP_OUT y, int64_t n), (a, x, y, n)) \
    KERNEL(bool, all_finite, (TAP_IN x, int64_t n), (x, n)) \
    /* Reductions of x seen as [outer, n, inner] over its middle axis, out [outer, inner]. Sums use several \
       accumulators and blocks, always in the same order. Empty n: sum 0, max -inf, min +inf. */ \
    KERNEL(void, sum, (TAP_IN x, TAP_OUT out, int64_t outer, int64_t n, int64_t inner), (x, out, outer, n, inner)) \
    /* index[] (may be NULL) receives the first position of the extreme; a NaN wins over everything. */ \
    KERNEL(void, max, (TAP_IN x, TAP_OUT out, int32_t *index, int64_t outer, int64_t n, int64_t inner), \
           (x, out, index, outer, n, inner)) \
    KERNEL(void, min, (TAP_IN x, TAP_OUT out, int32_t *index, int64_t outer, int64_t n, int64_t inner), \
           (x, out, index, outer, n, inner)) \
    /* ln sum exp, shifted by the maximum; -inf when all are -inf, +inf when one is +inf. */ \
    KERNEL(void, logsumexp, (TAP_IN x, TAP_OUT out, int64_t outer, int64_t n, int64_t inner), (x, out, outer, n, inner)) \
    /* Sum of squares, accumulated in double in a fixed order. */ \
    KERNEL(double, sum_of_squares, (TAP_IN x, int64_t n), (x, n)) \
    /* Rows of soft-max, or of its logarithm. x [rows, n]; out may be x. A row of -inf alone gives NaN. */ \
    KERNEL(void, softmax, (bool logarithm, TAP_IN x, TAP_OUT out, int64_t rows, int64_t n), (logarithm, x, out, rows, n)) \
    /* Layer norm of rows, population variance (two passes): y = (x - mean) * rstd * gamma + beta. mean, rstd [rows] out. */ \
    KERNEL(void, layer_norm, (TAP_IN x, TAP_IN gamma, TAP_IN beta, double epsilon, TAP_OUT y, TAP_OUT mean, TAP_OUT rstd, \
                              int64_t rows, int64_t n), (x, gamma, beta, epsilon, y, mean, rstd, rows, n)) \
    /* dx [rows, n] of the above. */ \
    KERNEL(void, layer_norm_backward, (TAP_IN x, TAP_IN gamma, TAP_IN mean, TAP_IN rstd, TAP_IN dy, TAP_OUT dx, \
                                       int64_t rows, int64_t n), (x, gamma, mean, rstd, dy, dx, rows, n)) \
    /* dgamma[n] = sum over rows of dy * (x - mean) * rstd, dbeta[n] = sum of dy, for columns first..<last only. */ \
    KERNEL(void, layer_norm_parameters, (TAP_IN x, TAP_IN mean, TAP_IN rstd, TAP_IN dy, TAP_OUT dgamma, TAP_OUT dbeta, \
                                         int64_t rows, int64_t n, int64_t first, int64_t last), \
           (x, mean, rstd, dy, dgamma, dbeta, rows, n, first, last)) \
    /* table row indices[r] += values row r, in order of r; rows of `width`. Indices are valid (checked by the caller). */ \
    KERNEL(void, scatter_add_rows, (TAP_OUT table, const int32_t *indices, TAP_IN values, int64_t rows, int64_t width), \
           (table, indices, values, rows, width)) \
    /* out[r, indices[r, j]] += values[r, j], in order; out [rows, n], indices and values [rows, k]. */ \
    KERNEL(void, scatter_add_columns, (TAP_OUT out, const int32_t *indices, TAP_IN values, int64_t rows, int64_t n, int64_t k), \
           (out, indices, values, rows, n, k)) \
    /* Segment sums over rows offsets[s]..<offsets[s+1] of x [T, width]; out [segments, width]; empty: zeros. */ \
    KERNEL(void, segment_sum, (TAP_IN x, const int32_t *offsets, TAP_OUT out, int64_t segments, int64_t width), \
           (x, offsets, out, segments, width)) \
    /* out[s] = sum of the rows indices[i] of the table, offsets[s] <= i < offsets[s+1], in order, for first <= s < last; rows of \
       `width`; empty: zeros. */ \
    KERNEL(void, gather_segment_sum, (TAP_IN table, const int32_t *indices, const int32_t *offsets, TAP_OUT out, int64_t first, \
                                      int64_t last, int64_t width), (table, indices, offsets, out, first, last, width)) \
    /* Segment maxima, index[] the row (in x) of each maximum, first one wins; empty: -inf and -1. */ \
    KERNEL(void, segment_max, (TAP_IN x, const int32_t *offsets, TAP_OUT out, int32_t *index, int64_t segments, int64_t width), \
           (x, offsets, out, index, segments, width)) \
    /* places[r, j] = where the jth of row r [rows, n] stands, for 0 <= j < k: the largest or the smallest first, equal ones \
       in their order, NaN last. */ \
    KERNEL(void, order, (TAP_IN x, int32_t *places, int64_t rows, int64_t n, int64_t k, bool largest), \
           (x, places, rows, n, k, largest)) \
    /* out[i, j] = (sum_d |a[i,d] - b[j,d]|^p)^(1/p) for p 1 or 2; a [m, width], b [n, width]. */ \
    KERNEL(void, distance_matrix, (int p, TAP_IN a, TAP_IN b, TAP_OUT out, int64_t m, int64_t n, int64_t width), \
           (p, a, b, out, m, n, width)) \
    /* Dropout of rows with recomputable masks: element (r, c) is kept (and scaled by 1/(1-rate)) when the 32-bit \
       word number c % 4 of philox(key, {c / 4, position[r], sample[r], site}) is >= rate * 2^32, else 0. */ \
    KERNEL(void, dropout, (TAP_IN x, TAP_OUT out, int64_t rows, int64_t width, double rate, uint64_t key, uint32_t site, \
                           const uint32_t *sample, const uint32_t *position), \
           (x, out, rows, width, rate, key, site, sample, position)) \
    /* Ragged multi-head attention of the sequences s in first..<last, for all heads, as the plan says. \
       q, out: [T, heads * d]; k, v: [K, key_heads * d]; lse [T, heads] out. Scores are scale * q.k + bias, soft-max over \
       the keys that the query sees; without any, out is 0 and lse infinite. bias: [heads, column_count] or NULL. \
       turns: for each position, cosines and then sines of the angles, [positions, rotated], or NULL. */ \
    KERNEL(void, attention, (const tap_attention_plan *plan, TAP_IN q, TAP_IN k, TAP_IN v, TAP_IN bias, TAP_IN turns, \
                             TAP_OUT out, TAP_OUT lse, int64_t first, int64_t last), \
           (plan, q, k, v, bias, turns, out, lse, first, last)) \
    /* Its backward: dq, dk, dv are written (not added to); probabilities are recomputed from q, k, lse. To dbias, \
       [sequences, heads, column_count] or NULL, is added. */ \
    KERNEL(void, attention_backward, (const tap_attention_plan *plan, TAP_IN q, TAP_IN k, TAP_IN v, TAP_IN bias, TAP_IN turns, \
                                      TAP_IN out, TAP_IN lse, TAP_IN dout, TAP_OUT dq, TAP_OUT dk, TAP_OUT dv, \
                                      TAP_OUT dbias, int64_t first, int64_t last), \
           (plan, q, k, v, bias, turns, out, lse, dout, dq, dk, dv, dbias, first, last)) \
    /* AdamW on n elements. g may be NULL (a zero gradient); g is scaled by grad_scale first. \
       p *= 1 - lr*decay; m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; \
       p -= (lr / bias1) * m / (sqrt(v) / sqrt_bias2 + epsilon). */ \
    KERNEL(void, adamw, (TAP_OUT p, TAP_OUT m, TAP_OUT v, TAP_IN g, int64_t n, double grad_scale, double lr, double b1, \
                         double b2, double epsilon, double decay, double bias1, double sqrt_bias2), \
           (p, m, v, g, n, grad_scale, lr, b1, b2, epsilon, decay, bias1, sqrt_bias2))

/// The loops for one type of numbers, whose arrays have no type here: the caller picks the table by what they hold.
typedef struct {
#define TAP_IN const void *
#define TAP_OUT void *
#define TAP_FIELD(RESULT, NAME, PARAMETERS, ARGUMENTS) RESULT (*NAME) PARAMETERS;
    TAP_KERNELS(TAP_FIELD)
#undef TAP_IN
#undef TAP_OUT
#undef TAP_FIELD
} tap_kernels;

const tap_kernels *tap_kernels_f32(void);
const tap_kernels *tap_kernels_f64(void);


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
/// To the nearest, ties to even.
void tap_f32_to_bf16(const float *x, uint16_t *out, int64_t n);
/// Permutes axes: out has shape outShape[i] = shape[axes[i]]; elements of 1, 4 or 8 bytes; rank 1..8.
void tap_permute(const void *x, void *out, int64_t elementSize, int64_t rank, const int64_t *shape, const int64_t *axes);
/// out[i] = mask[i*sm] ? a[i*sa] : b[i*sb], strides 0 or 1, for elements of 1, 4 or 8 bytes.
void tap_select(int64_t elementSize, const uint8_t *mask, int64_t sm, const void *a, int64_t sa, const void *b, int64_t sb,
                void *out, int64_t n);
/// out row r = table row indices[r], rows of `bytes`. Indices are valid (checked by the caller), here and below.
void tap_gather_rows(const void *table, const int32_t *indices, void *out, int64_t rows, int64_t bytes);
/// out[r, j] = x[r, indices[r, j]] for elements of 1, 4 or 8 bytes; x [rows, n], indices and out [rows, k].
void tap_gather_columns(int64_t elementSize, const void *x, const int32_t *indices, void *out, int64_t rows, int64_t n, int64_t k);
/// `count` blocks of `bytes`: out + i * outStride = x + i * xStride (strides in bytes).
void tap_copy_blocks(const void *x, int64_t xStride, void *out, int64_t outStride, int64_t bytes, int64_t count);

#ifdef __cplusplus
}
#endif
#endif
