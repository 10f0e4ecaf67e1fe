// Matrix products in the manner of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008):
// blocks of A and B are packed into panels, and a kernel of fixed size sums one tile of C after the other.
//
// K is cut into blocks of a constant length, and an element's sum is taken in the order of k whatever tile it is in,
// so a row of C has the same bits in every product that it is part of. Threads share out tiles, never K.
#include "CKernels.h"
#include "gemm_internal.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

// Rows and columns packed at a time: bounds the memory for panels to some 7 MB.
#define BLOCK_ROWS 2304
#define BLOCK_COLUMNS 2048
// Columns whose panels stay in a core's second-level cache while the rows go by: 384 x 384 x 4 bytes.
#define GROUP_COLUMNS 384
// Products of less work than this, in multiply-adds, are not worth another thread's attention; packing an element
// takes the time of some eight multiply-adds.
#define SERIAL_WORK 200000
#define PACKING_WORK 8
// Up to so many panels of rows, packing a B that is not transposed costs more than it saves.
#define DIRECT_PANELS 3

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t pieces(int64_t n, int64_t size) { return (n + size - 1) / size; }

// MARK: Memory for panels

// Fresh pages cost more than the packing, so panels' memory is kept between calls.
typedef struct {
    size_t capacity;
} Workspace;
#define WORKSPACE_HEADER 64
#define KEPT_WORKSPACES 8
static _Atomic(Workspace *) kept[KEPT_WORKSPACES];

static Workspace *takeWorkspace(size_t bytes) {
    for (int i = 0; i < KEPT_WORKSPACES; i++) {
        if (!atomic_load_explicit(&kept[i], memory_order_relaxed)) continue;
        Workspace *found = atomic_exchange_explicit(&kept[i], NULL, memory_order_acquire);
        if (!found) continue;
        if (found->capacity >= bytes) return found;
        free(found);
    }
    size_t capacity = 1 << 16;
    while (capacity < bytes) capacity *= 2;
    void *memory = NULL;
    if (posix_memalign(&memory, 64, WORKSPACE_HEADER + capacity) != 0) {
        fprintf(stderr, "tap_gemm_f32: no memory for %zu bytes of packed panels\n", capacity);
        abort();
    }
    Workspace *workspace = memory;
    workspace->capacity = capacity;
    return workspace;
}

static void giveBackWorkspace(Workspace *workspace) {
    for (int i = 0; i < KEPT_WORKSPACES; i++) {
        Workspace *empty = NULL;
        if (atomic_compare_exchange_strong_explicit(&kept[i], &empty, workspace, memory_order_release,
                                                    memory_order_relaxed)) {
            return;
        }
    }
    free(workspace);
}

// MARK: Sharing out

typedef struct {
    const tap_gemm_kernels *kernels;
    bool transposeA, transposeB;
    bool directB;             // whole panels of B are read where they lie
    int64_t m, n, k;
    float alpha, beta;
    const float *a, *b, *bias;
    float *c;
    int64_t lda, ldb, ldc;
    float *panelsOfA, *panelsOfB;
    int64_t panelA, panelB;   // elements of a panel
    int64_t threads;
    // All pieces of work of all phases, numbered in order: the next one to be taken, and how many are done.
    _Alignas(64) atomic_int_fast64_t next;
    _Alignas(64) atomic_int_fast64_t done;
} Product;

// Takes some of the pieces up to `end`: fewer towards the end, so that the threads finish together.
static bool takePieces(Product *product, int64_t end, int64_t most, int64_t *first, int64_t *last) {
    int64_t next = atomic_load_explicit(&product->next, memory_order_relaxed);
    while (next < end) {
        int64_t count = larger(1, smaller(most, (end - next) / (2 * product->threads)));
        if (atomic_compare_exchange_weak_explicit(&product->next, &next, next + count, memory_order_relaxed,
                                                  memory_order_relaxed)) {
            *first = next;
            *last = next + count;
            return true;
        }
    }
    return false;
}

static void finishPieces(Product *product, int64_t count) {
    atomic_fetch_add_explicit(&product->done, count, memory_order_release);
}

// Waits until the pieces up to `end` are done. Those not done are in the hands of threads that run.
static void awaitPieces(Product *product, int64_t end) {
    for (int round = 0; atomic_load_explicit(&product->done, memory_order_acquire) < end; round++) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
        if (round > 2000) sched_yield();
    }
}

// MARK: Phases

typedef struct {
    int64_t row, rows, column, columns, depthStart, depth;
} Block;

static void packPanelOfA(Product *product, const Block *block, int64_t panel) {
    int64_t width = product->kernels->rows, offset = panel * width, row = block->row + offset;
    int64_t count = smaller(width, block->rows - offset);
    float *out = product->panelsOfA + panel * product->panelA;
    if (product->transposeA) {
        product->kernels->packAColumns(product->a + block->depthStart * product->lda + row, product->lda, count,
                                       block->depth, out);
    } else {
        product->kernels->packARows(product->a + row * product->lda + block->depthStart, product->lda, count,
                                    block->depth, out);
    }
}

static void packPanelOfB(Product *product, const Block *block, int64_t panel) {
    int64_t width = product->kernels->columns, offset = panel * width, column = block->column + offset;
    int64_t count = smaller(width, block->columns - offset);
    float *out = product->panelsOfB + panel * product->panelB;
    if (product->transposeB) {
        product->kernels->packBColumns(product->b + column * product->ldb + block->depthStart, product->ldb, count,
                                       block->depth, out);
    } else {
        product->kernels->packBRows(product->b + block->depthStart * product->ldb + column, product->ldb, count,
                                    block->depth, out);
    }
}

// Sums the tile of the given panels and writes it to C; one at the right edge goes through a buffer.
static void computeTile(Product *product, const Block *block, int64_t panelA, int64_t panelB) {
    const tap_gemm_kernels *kernels = product->kernels;
    int64_t rowOffset = panelA * kernels->rows, columnOffset = panelB * kernels->columns;
    int64_t rows = smaller(kernels->rows, block->rows - rowOffset);
    int64_t columns = smaller(kernels->columns, block->columns - columnOffset);
    int64_t column = block->column + columnOffset;
    const float *a = product->panelsOfA + panelA * product->panelA;
    bool direct = product->directB && columns == kernels->columns;
    const float *b = direct ? product->b + block->depthStart * product->ldb + column
                            : product->panelsOfB + panelB * product->panelB;
    int64_t ldb = direct ? product->ldb : kernels->columns;
    float *c = product->c + (block->row + rowOffset) * product->ldc + column;
    bool last = block->depthStart + block->depth == product->k;
    tap_gemm_epilogue epilogue = {
        .alpha = product->alpha,
        .beta = block->depthStart == 0 ? product->beta : 1,
        .bias = last && product->bias ? product->bias + column : NULL,
    };
    bool narrow = 2 * columns <= kernels->columns;
    tap_gemm_tile *tile = (narrow ? kernels->narrow : kernels->wide)[rows - 1];
    if (columns == kernels->columns || 2 * columns == kernels->columns) {
        tile(block->depth, a, b, ldb, c, product->ldc, &epilogue);
        return;
    }
    _Alignas(64) float values[TAP_GEMM_MAXIMUM_ROWS * TAP_GEMM_MAXIMUM_COLUMNS] = {0};
    float bias[TAP_GEMM_MAXIMUM_COLUMNS] = {0};
    if (epilogue.bias) {
        for (int64_t j = 0; j < columns; j++) bias[j] = epilogue.bias[j];
        epilogue.bias = bias;
    }
    if (epilogue.beta != 0) {
        for (int64_t i = 0; i < rows; i++) {
            for (int64_t j = 0; j < columns; j++) values[i * kernels->columns + j] = c[i * product->ldc + j];
        }
    }
    tile(block->depth, a, b, ldb, values, kernels->columns, &epilogue);
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) c[i * product->ldc + j] = values[i * kernels->columns + j];
    }
}

// Tiles are numbered by groups of columns, in a group by rows: A's panel stays in the first-level cache along a row,
// the group's panels of B in the second.
static void computeTiles(Product *product, const Block *block, int64_t first, int64_t last) {
    int64_t panelsA = pieces(block->rows, product->kernels->rows);
    int64_t panelsB = pieces(block->columns, product->kernels->columns);
    int64_t groupPanels = larger(1, GROUP_COLUMNS / product->kernels->columns);
    for (int64_t index = first; index < last; index++) {
        int64_t group = index / (groupPanels * panelsA), inGroup = index % (groupPanels * panelsA);
        int64_t width = smaller(groupPanels, panelsB - group * groupPanels);
        computeTile(product, block, inGroup / width, group * groupPanels + inGroup % width);
    }
}

// Packs the block of A, and of B when `packsB`, and adds the product of both to C. `base` pieces came before.
static int64_t multiplyBlock(Product *product, const Block *block, bool packsB, int64_t base) {
    int64_t panelsA = pieces(block->rows, product->kernels->rows);
    int64_t panelsB = pieces(block->columns, product->kernels->columns);
    // Reading B directly leaves but the narrower panel at the edge to be packed.
    int64_t unpackedB = product->directB ? block->columns / product->kernels->columns : 0;
    int64_t packedB = packsB ? panelsB - unpackedB : 0, first, last;
    int64_t packed = base + packedB + panelsA, computed = packed + panelsA * panelsB;
    while (takePieces(product, packed, 4, &first, &last)) {
        for (int64_t piece = first - base; piece < last - base; piece++) {
            if (piece < packedB) {
                packPanelOfB(product, block, unpackedB + piece);
            } else {
                packPanelOfA(product, block, piece - packedB);
            }
        }
        finishPieces(product, last - first);
    }
    awaitPieces(product, packed);
    while (takePieces(product, computed, 12, &first, &last)) {
        computeTiles(product, block, first - packed, last - packed);
        finishPieces(product, last - first);
    }
    awaitPieces(product, computed);
    return computed;
}

// What each thread does: all of the product, phase by phase, sharing the pieces with the others.
static void runProduct(void *context, int64_t index) {
    (void)index;
    Product *product = context;
    int64_t base = 0;
    for (int64_t column = 0; column < product->n; column += BLOCK_COLUMNS) {
        int64_t columns = smaller(BLOCK_COLUMNS, product->n - column);
        int64_t start = 0;
        do {
            int64_t depth = smaller(TAP_GEMM_DEPTH, product->k - start);
            for (int64_t row = 0; row < product->m; row += BLOCK_ROWS) {
                Block block = {row, smaller(BLOCK_ROWS, product->m - row), column, columns, start, depth};
                base = multiplyBlock(product, &block, row == 0, base);
            }
            start += depth;
        } while (start < product->k);
    }
}

void tap_gemm_f32(bool transposeA, bool transposeB, int64_t m, int64_t n, int64_t k, float alpha,
                  const float *a, int64_t lda, const float *b, int64_t ldb,
                  float beta, float *c, int64_t ldc, const float *bias) {
    if (m <= 0 || n <= 0) return;
    const tap_gemm_kernels *kernels = tap_gemm_kernels_for_processor();
    int64_t depth = smaller(TAP_GEMM_DEPTH, k);
    Product product = {
        .kernels = kernels, .transposeA = transposeA, .transposeB = transposeB,
        .m = m, .n = n, .k = larger(k, 0), .alpha = alpha, .beta = beta,
        .a = a, .b = b, .bias = bias, .c = c, .lda = lda, .ldb = ldb, .ldc = ldc,
        // Panels of A are packed by several threads, in whole vectors that reach beyond the end.
        .panelA = kernels->rows * depth + TAP_GEMM_SLACK, .panelB = kernels->columns * depth,
    };
    int64_t panelsA = pieces(smaller(m, BLOCK_ROWS), kernels->rows);
    int64_t panelsB = pieces(smaller(n, BLOCK_COLUMNS), kernels->columns);
    product.directB = !transposeB && panelsA <= DIRECT_PANELS;
    int64_t elements = panelsB * product.panelB + panelsA * product.panelA;
    Workspace *workspace = takeWorkspace((size_t)elements * sizeof(float));
    product.panelsOfB = (float *)((char *)workspace + WORKSPACE_HEADER);
    product.panelsOfA = product.panelsOfB + panelsB * product.panelB;
    bool serial = (m * n + PACKING_WORK * (m + n)) * k < SERIAL_WORK;
    product.threads = serial ? 1 : smaller(tap_thread_count(), panelsA * panelsB);
    tap_parallel_for(product.threads, runProduct, &product);
    giveBackWorkspace(workspace);
}
