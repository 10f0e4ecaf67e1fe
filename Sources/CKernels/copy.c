// Copies, casts and permutations of axes.
#include "kernels.h"
#include "math_f32.h"

TAP_HOT void tap_f32_to_f64(const float *x, double *out, int64_t n) {
    for (int64_t i = 0; i < n; i++) { out[i] = x[i]; }
}

TAP_HOT void tap_f64_to_f32(const double *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++) { out[i] = (float)x[i]; }
}

TAP_HOT void tap_f16_to_f32(const uint16_t *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t half = x[i], magnitude = half & 0x7FFFu;
        // Exponent and fraction move into place; 2^112 mends the bias, for subnormal numbers as well.
        float value = tap_from_bits(magnitude << 13) * 0x1p112f;
        uint32_t bits = tap_to_bits(value);
        bits = magnitude >= 0x7C00u ? bits | 0x7F800000u : bits; // infinity and NaN
        out[i] = tap_from_bits(bits | (half & 0x8000u) << 16);
    }
}

TAP_HOT void tap_f32_to_f16(const float *x, uint16_t *out, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits = tap_to_bits(x[i]), sign = bits >> 16 & 0x8000u;
        float magnitude = tap_from_bits(bits & 0x7FFFFFFFu);
        uint32_t moved = tap_to_bits(magnitude * 0x1p-112f); // half's exponent; its fraction is the upper 10 bits
        uint32_t half = (moved + 0xFFFu + (moved >> 13 & 1u)) >> 13;
        if (magnitude < 0x1p-14f) { half = (uint32_t)rintf(magnitude * 0x1p24f); } // subnormal
        if (magnitude >= 65520.0f) { half = 0x7C00u; }
        if (magnitude != magnitude) { half = 0x7E00u; }
        out[i] = (uint16_t)(sign | half);
    }
}

TAP_HOT void tap_bf16_to_f32(const uint16_t *x, float *out, int64_t n) {
    for (int64_t i = 0; i < n; i++) { out[i] = tap_from_bits((uint32_t)x[i] << 16); }
}

TAP_HOT void tap_f32_to_bf16(const float *x, uint16_t *out, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits = tap_to_bits(x[i]);
        uint32_t rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
        out[i] = (uint16_t)(x[i] != x[i] ? bits >> 16 | 0x40u : rounded); // a NaN stays one
    }
}

#define TAP_SELECT(TYPE) \
    { \
        const TYPE *x = a, *y = b; \
        TYPE *target = out; \
        if (sm == 1 && sa == 1 && sb == 1) { \
            TAP_PARALLEL for (int64_t i = 0; i < n; i++) { TYPE u = x[i], w = y[i]; target[i] = mask[i] ? u : w; } \
        } else if (sm == 1 && sa == 0 && sb == 1) { \
            TYPE u = *x; \
            TAP_PARALLEL for (int64_t i = 0; i < n; i++) { TYPE w = y[i]; target[i] = mask[i] ? u : w; } \
        } else { \
            for (int64_t i = 0; i < n; i++) { target[i] = mask[i * sm] ? x[i * sa] : y[i * sb]; } \
        } \
    }

TAP_HOT void tap_select(int64_t elementSize, const uint8_t *mask, int64_t sm, const void *a, int64_t sa, const void *b,
                        int64_t sb, void *out, int64_t n) {
    switch (elementSize) {
    case 1: TAP_SELECT(uint8_t) break;
    case 4: TAP_SELECT(uint32_t) break;
    default: TAP_SELECT(uint64_t) break;
    }
}

#define TAP_GATHER(TYPE) \
    for (int64_t r = 0; r < rows; r++) { \
        for (int64_t j = 0; j < k; j++) { ((TYPE *)out)[r * k + j] = ((const TYPE *)x)[r * n + indices[r * k + j]]; } \
    }

void tap_gather_columns(int64_t elementSize, const void *x, const int32_t *indices, void *out, int64_t rows, int64_t n,
                        int64_t k) {
    switch (elementSize) {
    case 1: TAP_GATHER(uint8_t) break;
    case 4: TAP_GATHER(uint32_t) break;
    default: TAP_GATHER(uint64_t) break;
    }
}

void tap_gather_rows(const void *table, const int32_t *indices, void *out, int64_t rows, int64_t bytes) {
    if (bytes == 4 || bytes == 8) { return tap_gather_columns(bytes, table, indices, out, 1, 0, rows); }
    for (int64_t r = 0; r < rows; r++) {
        memcpy((char *)out + r * bytes, (const char *)table + indices[r] * bytes, (size_t)bytes);
    }
}

void tap_copy_blocks(const void *x, int64_t xStride, void *out, int64_t outStride, int64_t bytes, int64_t count) {
    const char *source = x;
    char *target = out;
    // Small blocks of a fixed size are a move each; the general call costs more than the copy.
    switch (bytes) {
    case 4:
        for (int64_t i = 0; i < count; i++) { memcpy(target + i * outStride, source + i * xStride, 4); }
        break;
    case 8:
        for (int64_t i = 0; i < count; i++) { memcpy(target + i * outStride, source + i * xStride, 8); }
        break;
    default:
        for (int64_t i = 0; i < count; i++) {
            memcpy(target + i * outStride, source + i * xStride, (size_t)bytes);
        }
    }
}

/// An axis of the output: its length, and how far apart its elements are in the input and in the output.
typedef struct {
    int64_t count, inputStride, outputStride;
} tap_axis;

/// out[i * outputStride + j] = x[i + j * inputStride], in square tiles that fit into the nearest cache.
#define TAP_TRANSPOSE(TYPE) \
    for (int64_t j0 = 0; j0 < columns.count; j0 += 16) { \
        int64_t j1 = columns.count - j0 < 16 ? columns.count : j0 + 16; \
        for (int64_t i0 = 0; i0 < rows.count; i0 += 16) { \
            int64_t i1 = rows.count - i0 < 16 ? rows.count : i0 + 16; \
            for (int64_t i = i0; i < i1; i++) { \
                for (int64_t j = j0; j < j1; j++) { \
                    ((TYPE *)target)[i * rows.outputStride + j * columns.outputStride] = \
                        ((const TYPE *)source)[i * rows.inputStride + j * columns.inputStride]; \
                } \
            } \
        } \
    }

static void transpose(const char *source, char *target, int64_t elementSize, tap_axis rows, tap_axis columns) {
    switch (elementSize) {
    case 1: TAP_TRANSPOSE(uint8_t) break;
    case 4: TAP_TRANSPOSE(uint32_t) break;
    default: TAP_TRANSPOSE(uint64_t) break;
    }
}

/// Runs over all axes but the last two kinds of work: contiguous runs, or a transposition.
static void permute_axes(const char *source, char *target, int64_t elementSize, const tap_axis *axes, int64_t rank,
                         tap_axis rows, tap_axis columns) {
    if (rank > 0) {
        for (int64_t i = 0; i < axes[0].count; i++) {
            permute_axes(source + i * axes[0].inputStride * elementSize,
                         target + i * axes[0].outputStride * elementSize,
                         elementSize, axes + 1, rank - 1, rows, columns);
        }
    } else if (columns.inputStride == 1) {
        tap_copy_blocks(source, rows.inputStride * elementSize, target, rows.outputStride * elementSize,
                        columns.count * elementSize, rows.count);
    } else {
        transpose(source, target, elementSize, rows, columns);
    }
}

void tap_permute(const void *x, void *out, int64_t elementSize, int64_t rank, const int64_t *shape,
                 const int64_t *axes) {
    int64_t strides[8], stride = 1;
    for (int64_t i = rank - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= shape[i];
    }
    if (stride == 0) { return; }
    // Axes of one element vanish, and axes that stay neighbors become one.
    tap_axis merged[10];
    int64_t count = 0;
    for (int64_t i = 0; i < rank; i++) {
        tap_axis axis = {shape[axes[i]], strides[axes[i]], 0};
        if (axis.count == 1) { continue; }
        if (count > 0 && merged[count - 1].inputStride == axis.inputStride * axis.count) {
            merged[count - 1].count *= axis.count;
            merged[count - 1].inputStride = axis.inputStride;
        } else {
            merged[count++] = axis;
        }
    }
    stride = 1;
    for (int64_t i = count - 1; i >= 0; i--) {
        merged[i].outputStride = stride;
        stride *= merged[i].count;
    }
    tap_axis single = {1, 0, 0}, columns = {1, 1, 1}, rows = single;
    if (count > 0) { columns = merged[--count]; }
    if (count > 0) {
        // Beside the output's last axis, a transposition wants the axis that is contiguous in the input.
        int64_t chosen = count - 1;
        for (int64_t i = 0; columns.inputStride != 1 && i < count; i++) {
            if (merged[i].inputStride == 1) { chosen = i; }
        }
        rows = merged[chosen];
        memmove(merged + chosen, merged + chosen + 1, (size_t)(count - 1 - chosen) * sizeof(tap_axis));
        count--;
    }
    permute_axes(x, out, elementSize, merged, count, rows, columns);
}
