// What gemm.c (blocking, threads) and gemm_kernels.c (one instruction set each) share.
#ifndef TAPESTRY_GEMM_INTERNAL_H
#define TAPESTRY_GEMM_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

/// Length of a block of K. Every element is a sum of block sums, each a chain of fused multiply-adds in the order
/// of k: a constant, so that no shape or thread count changes an element's bits.
#define TAP_GEMM_DEPTH 384

/// How a finished tile goes to C: c = alpha * sum + beta * c + bias.
typedef struct {
    float alpha;
    float beta;          // 0: C is not read
    const float *bias;   // of the tile's first column, or NULL
} tap_gemm_epilogue;

/// One `rows` x `columns` tile of C, or its upper part: sums of `depth` products of a packed panel of A and one of B,
/// or B itself when it is not transposed: its row k begins at b + k * ldb.
typedef void tap_gemm_tile(int64_t depth, const float *a, const float *b, int64_t ldb, float *c, int64_t ldc,
                           const tap_gemm_epilogue *epilogue);

/// Packs `count` rows of op(A), or columns of op(B), of `depth` elements into a panel: out[k * width + i], where
/// i < width and width is the panel's (`rows` for A, `columns` for B). Missing ones are zero.
/// `source` points to the panel's first element; `stride` is the array's row stride.
typedef void tap_gemm_pack(const float *source, int64_t stride, int64_t count, int64_t depth, float *out);

/// The kernels of one instruction set.
typedef struct {
    int64_t rows, columns;
    tap_gemm_tile *const *narrow;      // [count - 1]: tiles of `count` rows, left half of the columns
    tap_gemm_tile *const *wide;        // [count - 1]: tiles of `count` rows, all columns
    tap_gemm_pack *packARows;          // A not transposed: a panel's rows are contiguous along k
    tap_gemm_pack *packAColumns;       // A transposed
    tap_gemm_pack *packBRows;          // B not transposed
    tap_gemm_pack *packBColumns;       // B transposed: a panel's columns are contiguous along k
} tap_gemm_kernels;

/// Elements behind a panel of A that packing may overwrite.
#define TAP_GEMM_SLACK 16

/// The largest `columns`, and `rows`, of any instruction set.
#define TAP_GEMM_MAXIMUM_COLUMNS 32
#define TAP_GEMM_MAXIMUM_ROWS 12

/// The fastest kernels that this processor runs.
const tap_gemm_kernels *tap_gemm_kernels_for_processor(void);

#endif
