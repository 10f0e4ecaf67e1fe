// Kernels of one instruction set; included once for each, by gemm_kernels.c, with these defined:
//   GEMM_NAME(x)   decorates a name          GEMM_LANES  floats in a vector: 4, 8 or 16
//   GEMM_TARGET    function attribute        GEMM_ROWS   rows of a tile; its columns are two vectors
#define VECTOR GEMM_NAME(vector)
#define UNALIGNED GEMM_NAME(unaligned)
#define COLUMNS (2 * GEMM_LANES)
typedef float VECTOR __attribute__((vector_size(4 * GEMM_LANES), may_alias));
typedef float UNALIGNED __attribute__((vector_size(4 * GEMM_LANES), aligned(4), may_alias));

// MARK: Tiles

// Instantiated with constant `rows` and `vectors`, so that all sums stay in registers.
GEMM_TARGET static inline __attribute__((always_inline))
void GEMM_NAME(tile)(const int rows, const int vectors, int64_t depth, const float *a, const float *b, int64_t ldb,
                     float *c, int64_t ldc, const tap_gemm_epilogue *epilogue) {
    VECTOR sums[GEMM_ROWS][2];
    GEMM_UNROLL for (int r = 0; r < rows; r++) {
        __builtin_prefetch(c + r * ldc, 1);
        GEMM_UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = (VECTOR){0};
    }
    // Where the linker puts it must not decide how fast it is: 48 bytes off cost a tenth of this loop's speed on Zen 3.
    GEMM_ALIGNED for (int64_t k = 0; k < depth; k++) {
        VECTOR columns[2];
        GEMM_UNROLL for (int v = 0; v < vectors; v++) columns[v] = *(const UNALIGNED *)(b + v * GEMM_LANES);
        GEMM_UNROLL for (int r = 0; r < rows; r++) {
            GEMM_UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = sums[r][v] + a[r] * columns[v];
        }
        a += GEMM_ROWS;
        b += ldb;
    }
    float alpha = epilogue->alpha, beta = epilogue->beta;
    const float *bias = epilogue->bias;
    GEMM_UNROLL for (int r = 0; r < rows; r++) {
        GEMM_UNROLL for (int v = 0; v < vectors; v++) {
            UNALIGNED *place = (UNALIGNED *)(c + r * ldc + v * GEMM_LANES);
            VECTOR value;
            if (beta == 0) {
                value = alpha * sums[r][v];
            } else {
                VECTOR before = beta * *place;
                value = before + alpha * sums[r][v];
            }
            if (bias) value = value + *(const UNALIGNED *)(bias + v * GEMM_LANES);
            *place = value;
        }
    }
}

#define TILE(ROWS) \
    GEMM_TARGET static void GEMM_NAME(wide##ROWS)(int64_t depth, const float *a, const float *b, int64_t ldb, \
                                                  float *c, int64_t ldc, const tap_gemm_epilogue *epilogue) { \
        GEMM_NAME(tile)(ROWS, 2, depth, a, b, ldb, c, ldc, epilogue); \
    } \
    GEMM_TARGET static void GEMM_NAME(narrow##ROWS)(int64_t depth, const float *a, const float *b, int64_t ldb, \
                                                    float *c, int64_t ldc, const tap_gemm_epilogue *epilogue) { \
        GEMM_NAME(tile)(ROWS, 1, depth, a, b, ldb, c, ldc, epilogue); \
    }
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if GEMM_ROWS == 12
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#define TILES(KIND) { \
    GEMM_NAME(KIND##1), GEMM_NAME(KIND##2), GEMM_NAME(KIND##3), GEMM_NAME(KIND##4), \
    GEMM_NAME(KIND##5), GEMM_NAME(KIND##6), GEMM_NAME(KIND##7), GEMM_NAME(KIND##8), \
    GEMM_NAME(KIND##9), GEMM_NAME(KIND##10), GEMM_NAME(KIND##11), GEMM_NAME(KIND##12) }
#else
#define TILES(KIND) { \
    GEMM_NAME(KIND##1), GEMM_NAME(KIND##2), GEMM_NAME(KIND##3), \
    GEMM_NAME(KIND##4), GEMM_NAME(KIND##5), GEMM_NAME(KIND##6) }
#endif
static tap_gemm_tile *const GEMM_NAME(wide)[GEMM_ROWS] = TILES(wide);
static tap_gemm_tile *const GEMM_NAME(narrow)[GEMM_ROWS] = TILES(narrow);

// MARK: Packing

// Step D of a transpose in registers: of two vectors, swaps blocks of D lanes crosswise.
#define UPPER(L, D) (((L) & (D)) == 0 ? (L) : GEMM_LANES + (L) - (D))
#define LOWER(L, D) (((L) & (D)) == 0 ? (L) + (D) : GEMM_LANES + (L))
#define LIST4(F, D, L) F(L, D), F(L + 1, D), F(L + 2, D), F(L + 3, D)
#if GEMM_LANES == 16
#define LIST(F, D) LIST4(F, D, 0), LIST4(F, D, 4), LIST4(F, D, 8), LIST4(F, D, 12)
#elif GEMM_LANES == 8
#define LIST(F, D) LIST4(F, D, 0), LIST4(F, D, 4)
#else
#define LIST(F, D) LIST4(F, D, 0)
#endif
#define STEP(V, D) \
    GEMM_UNROLL for (int i = 0; i < GEMM_LANES; i++) { \
        if ((i & (D)) == 0) { \
            VECTOR one = V[i], other = V[i + (D)]; \
            V[i] = __builtin_shufflevector(one, other, LIST(UPPER, D)); \
            V[i + (D)] = __builtin_shufflevector(one, other, LIST(LOWER, D)); \
        } \
    }

// Packs lines that are contiguous along k, `count` of them (at most the lanes of a vector), the rest of the vector as
// zeros: out[k * width + i] = source[i * stride + k]. Stores whole vectors, beyond the panel's width too.
GEMM_TARGET static inline __attribute__((always_inline))
void GEMM_NAME(transpose)(int64_t count, const float *source, int64_t stride, int64_t depth, const int width,
                          float *out) {
    int64_t k = 0;
    for (; k + GEMM_LANES <= depth; k += GEMM_LANES) {
        VECTOR lines[GEMM_LANES];
        GEMM_UNROLL for (int i = 0; i < GEMM_LANES; i++) {
            lines[i] = i < count ? *(const UNALIGNED *)(source + i * stride + k) : (VECTOR){0};
        }
        STEP(lines, 1)
        STEP(lines, 2)
#if GEMM_LANES >= 8
        STEP(lines, 4)
#endif
#if GEMM_LANES >= 16
        STEP(lines, 8)
#endif
        GEMM_UNROLL for (int i = 0; i < GEMM_LANES; i++) *(UNALIGNED *)(out + (k + i) * width) = lines[i];
    }
    for (; k < depth; k++) {
        VECTOR line = {0};
        GEMM_UNROLL for (int i = 0; i < GEMM_LANES; i++) {
            if (i < count) line[i] = source[i * stride + k];
        }
        *(UNALIGNED *)(out + k * width) = line;
    }
}

// Packs a panel of lines that are contiguous along k. From right to left: a vector that sticks out of a panel's row
// spoils the beginning of the next one, which is written after it.
GEMM_TARGET static inline __attribute__((always_inline))
void GEMM_NAME(packLines)(const float *source, int64_t stride, int64_t count, int64_t depth, const int width,
                          float *out) {
    GEMM_UNROLL for (int part = (width - 1) / GEMM_LANES; part >= 0; part--) {
        const int first = part * GEMM_LANES, lanes = width - first < GEMM_LANES ? width - first : GEMM_LANES;
        const float *lines = source + first * stride;
        if (count == width) {
            GEMM_NAME(transpose)(lanes, lines, stride, depth, width, out + first);
        } else {
            int64_t present = count - first < 0 ? 0 : count - first < lanes ? count - first : lanes;
            GEMM_NAME(transpose)(present, lines, stride, depth, width, out + first);
        }
    }
}

// Packs a panel whose lines lie side by side: a row of the panel is contiguous in the source too.
GEMM_TARGET static inline __attribute__((always_inline))
void GEMM_NAME(packAcross)(const float *source, int64_t stride, int64_t count, int64_t depth, const int width,
                           float *out) {
    if (count == width) {
        for (int64_t k = 0; k < depth; k++) {
            __builtin_memcpy(out + k * width, source + k * stride, width * sizeof(float));
        }
    } else {
        for (int64_t k = 0; k < depth; k++) {
            for (int i = 0; i < width; i++) out[k * width + i] = i < count ? source[k * stride + i] : 0;
        }
    }
}

#define PACK(NAME, HOW, WIDTH) \
    GEMM_TARGET static void GEMM_NAME(NAME)(const float *source, int64_t stride, int64_t count, int64_t depth, \
                                            float *out) { \
        GEMM_NAME(HOW)(source, stride, count, depth, WIDTH, out); \
    }
PACK(packARows, packLines, GEMM_ROWS)
PACK(packAColumns, packAcross, GEMM_ROWS)
PACK(packBRows, packAcross, COLUMNS)
PACK(packBColumns, packLines, COLUMNS)

static const tap_gemm_kernels GEMM_NAME(kernels) = {
    .rows = GEMM_ROWS,
    .columns = COLUMNS,
    .narrow = GEMM_NAME(narrow),
    .wide = GEMM_NAME(wide),
    .packARows = GEMM_NAME(packARows),
    .packAColumns = GEMM_NAME(packAColumns),
    .packBRows = GEMM_NAME(packBRows),
    .packBColumns = GEMM_NAME(packBColumns),
};

#undef VECTOR
#undef UNALIGNED
#undef COLUMNS
#undef TILE
#undef TILES
#undef UPPER
#undef LOWER
#undef LIST4
#undef LIST
#undef STEP
#undef PACK
#undef GEMM_NAME
#undef GEMM_TARGET
#undef GEMM_LANES
#undef GEMM_ROWS
