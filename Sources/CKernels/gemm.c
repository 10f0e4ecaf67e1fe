// Matrix products in the manner of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008):
// blocks of A and B are packed into panels, and a kernel of fixed size sums one tile of C after the other.
//
// K is cut into blocks of a constant length, and an element's sum is taken in the order of k whatever tile it is in,
// so a row of C has the same bits in every product that it is part of.
//
// The panels of the longer side of C are strips that the threads take one after the other; those of the shorter side
// each thread packs for itself. Packing them twice costs less than reading what another core has just written, and
// the threads never wait for each other.
#include "CKernels.h"
#include "gemm_internal.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

// Memory for the panels that all threads pack together, and for those of one thread at the most and at the least.
#define ALL_RESIDENT_BYTES (16 << 20)
#define MOST_RESIDENT_BYTES (4 << 20)
#define LEAST_RESIDENT_BYTES (1 << 19)
// Panels of A that are taken at a time: each panel of B is read once for all of them.
#define STRIP_PANELS 8
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

// MARK: Panels and tiles

typedef struct {
    const tap_gemm_kernels *kernels;
    bool transposeA, transposeB;
    bool directB;             // whole panels of B are read where they lie
    int64_t m, n, k;
    float alpha, beta;
    const float *a, *b, *bias;
    float *c;
    int64_t lda, ldb, ldc;
    int64_t panelA, panelB;   // elements of a packed panel
    bool stripsOfB;           // strips are panels of B, and A's are resident; or the other way round
    int64_t strips, residents, chunk;   // panels of each side, and resident ones that fit into memory at a time
    float *memory;
    int64_t memoryPerThread;
    int64_t threads;
    _Alignas(64) atomic_int_fast64_t next;   // the first strip nobody has taken, counted over all chunks
} Product;

// A range of panels of one side, and where they are packed.
typedef struct {
    int64_t first, last;
    float *packed;
} Panels;

static bool isDirect(const Product *product, int64_t panel) {
    return product->directB && (panel + 1) * product->kernels->columns <= product->n;
}

static void packA(const Product *product, Panels panels, int64_t start, int64_t depth) {
    int64_t width = product->kernels->rows;
    float *out = panels.packed;
    for (int64_t panel = panels.first; panel < panels.last; panel++, out += product->panelA) {
        int64_t row = panel * width, count = smaller(width, product->m - row);
        if (product->transposeA) {
            product->kernels->packAColumns(product->a + start * product->lda + row, product->lda, count, depth, out);
        } else {
            product->kernels->packARows(product->a + row * product->lda + start, product->lda, count, depth, out);
        }
    }
}

static void packB(const Product *product, Panels panels, int64_t start, int64_t depth) {
    int64_t width = product->kernels->columns;
    float *out = panels.packed;
    for (int64_t panel = panels.first; panel < panels.last; panel++, out += product->panelB) {
        if (isDirect(product, panel)) continue;
        int64_t column = panel * width, count = smaller(width, product->n - column);
        if (product->transposeB) {
            product->kernels->packBColumns(product->b + column * product->ldb + start, product->ldb, count, depth, out);
        } else {
            product->kernels->packBRows(product->b + start * product->ldb + column, product->ldb, count, depth, out);
        }
    }
}

// Sums the tile of two packed panels and writes it to C; one at the right edge goes through a buffer.
static void computeTile(const Product *product, int64_t start, int64_t depth, int64_t panelA, const float *a,
                        int64_t panelB, const float *b) {
    const tap_gemm_kernels *kernels = product->kernels;
    int64_t row = panelA * kernels->rows, rows = smaller(kernels->rows, product->m - row);
    int64_t column = panelB * kernels->columns, columns = smaller(kernels->columns, product->n - column);
    int64_t ldb = kernels->columns;
    if (isDirect(product, panelB)) {
        b = product->b + start * product->ldb + column;
        ldb = product->ldb;
    }
    float *c = product->c + row * product->ldc + column;
    bool last = start + depth == product->k;
    tap_gemm_epilogue epilogue = {
        .alpha = product->alpha,
        .beta = start == 0 ? product->beta : 1,
        .bias = last && product->bias ? product->bias + column : NULL,
    };
    bool narrow = 2 * columns <= kernels->columns;
    tap_gemm_tile *tile = (narrow ? kernels->narrow : kernels->wide)[rows - 1];
    if (columns == kernels->columns || 2 * columns == kernels->columns) {
        tile(depth, a, b, ldb, c, product->ldc, &epilogue);
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
    tile(depth, a, b, ldb, values, kernels->columns, &epilogue);
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) c[i * product->ldc + j] = values[i * kernels->columns + j];
    }
}

// MARK: Sharing out

// Takes some of the strips up to `end`: fewer towards the end, so that the threads finish together.
static bool takeStrips(Product *product, int64_t end, Panels *strips) {
    int64_t next = atomic_load_explicit(&product->next, memory_order_relaxed);
    int64_t most = product->stripsOfB ? 1 : STRIP_PANELS;
    while (next < end) {
        int64_t count = larger(1, smaller(most, (end - next) / (2 * product->threads)));
        if (atomic_compare_exchange_weak_explicit(&product->next, &next, next + count, memory_order_relaxed,
                                                  memory_order_relaxed)) {
            strips->first = next - (end - product->strips);
            strips->last = strips->first + count;
            return true;
        }
    }
    return false;
}

// Multiplies strips with the resident panels; on their first use these are packed, all of K.
static void multiplyStrips(const Product *product, Panels strips, Panels resident, bool packsResident) {
    int64_t start = 0;
    do {
        int64_t depth = smaller(TAP_GEMM_DEPTH, product->k - start);
        Panels a = product->stripsOfB ? resident : strips, b = product->stripsOfB ? strips : resident;
        if (packsResident || !product->stripsOfB) packA(product, a, start, depth);
        if (packsResident || product->stripsOfB) packB(product, b, start, depth);
        for (int64_t j = b.first; j < b.last; j++) {
            const float *panelB = b.packed + (j - b.first) * product->panelB;
            for (int64_t i = a.first; i < a.last; i++) {
                computeTile(product, start, depth, i, a.packed + (i - a.first) * product->panelA, j, panelB);
            }
        }
        start += depth;
        resident.packed += product->chunk * (product->stripsOfB ? product->panelA : product->panelB);
    } while (start < product->k);
}

// What each thread does: takes strips until there are none left.
static void runProduct(void *context, int64_t index) {
    Product *product = context;
    int64_t stripElements = product->stripsOfB ? product->panelB : STRIP_PANELS * product->panelA;
    int64_t end = 0;
    for (int64_t first = 0; first < product->residents; first += product->chunk) {
        Panels strips = {.packed = product->memory + index * product->memoryPerThread};
        Panels resident = {first, smaller(first + product->chunk, product->residents), strips.packed + stripElements};
        bool packsResident = true;
        end += product->strips;
        while (takeStrips(product, end, &strips)) {
            multiplyStrips(product, strips, resident, packsResident);
            packsResident = false;
        }
    }
}

void tap_gemm_f32(bool transposeA, bool transposeB, int64_t m, int64_t n, int64_t k, float alpha,
                  const float *a, int64_t lda, const float *b, int64_t ldb,
                  float beta, float *c, int64_t ldc, const float *bias) {
    if (m <= 0 || n <= 0) return;
    k = larger(k, 0);
    const tap_gemm_kernels *kernels = tap_gemm_kernels_for_processor();
    int64_t depth = smaller(TAP_GEMM_DEPTH, k), blocks = larger(1, pieces(k, TAP_GEMM_DEPTH));
    int64_t panelsA = pieces(m, kernels->rows), panelsB = pieces(n, kernels->columns);
    bool serial = (m * n + PACKING_WORK * (m + n)) * k < SERIAL_WORK;
    Product product = {
        .kernels = kernels, .transposeA = transposeA, .transposeB = transposeB,
        .directB = !transposeB && panelsA <= DIRECT_PANELS,
        .m = m, .n = n, .k = k, .alpha = alpha, .beta = beta,
        .a = a, .b = b, .bias = bias, .c = c, .lda = lda, .ldb = ldb, .ldc = ldc,
        // Panels of A are packed in whole vectors, which reach beyond the end. Multiples of 64 bytes.
        .panelA = pieces(kernels->rows * depth + TAP_GEMM_SLACK, 16) * 16,
        .panelB = pieces(kernels->columns * depth, 16) * 16,
        .stripsOfB = m < n,
        .strips = m < n ? panelsB : panelsA,
        .residents = m < n ? panelsA : panelsB,
    };
    product.threads = serial ? 1 : smaller(tap_thread_count(), product.strips);
    int64_t residentElements = blocks * (product.stripsOfB ? product.panelA : product.panelB);
    int64_t bytes = larger(LEAST_RESIDENT_BYTES, smaller(MOST_RESIDENT_BYTES, ALL_RESIDENT_BYTES / product.threads));
    product.chunk = smaller(product.residents, larger(1, bytes / (int64_t)sizeof(float) / larger(1, residentElements)));
    product.memoryPerThread = product.chunk * residentElements
        + (product.stripsOfB ? product.panelB : STRIP_PANELS * product.panelA);
    Workspace *workspace = takeWorkspace((size_t)(product.threads * product.memoryPerThread) * sizeof(float));
    product.memory = (float *)((char *)workspace + WORKSPACE_HEADER);
    tap_parallel_for(product.threads, runProduct, &product);
    giveBackWorkspace(workspace);
}
