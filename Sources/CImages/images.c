#include "formats.h"

#include <stdio.h>
#include <string.h>

int image_format(const uint8_t *bytes, size_t count) {
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}, jpeg[] = {0xFF, 0xD8, 0xFF};
    if (count >= sizeof png && memcmp(bytes, png, sizeof png) == 0) return IMAGE_PNG;
    return count >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0 ? IMAGE_JPEG : IMAGE_UNKNOWN;
}

static int run(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t *width, size_t *height, uint8_t *problem) {
    switch (image_format(bytes, count)) {
    case IMAGE_PNG: return png_run(bytes, count, pixels, width, height, problem);
    case IMAGE_JPEG: return jpeg_run(bytes, count, pixels, width, height, problem);
    default: snprintf((char *)problem, IMAGE_PROBLEM_SIZE, "it is neither PNG nor JPEG"); return 0;
    }
}

int image_measure(const uint8_t *bytes, size_t count, size_t *width, size_t *height, uint8_t *problem) {
    return run(bytes, count, NULL, width, height, problem);
}

int image_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t width, size_t height, uint8_t *problem) {
    return run(bytes, count, pixels, &width, &height, problem);
}

// A point is worked on in parts of so many bytes.
enum { PART = 512, PRECISION = 22 };

static inline void point(const uint8_t *input, uint8_t *output, size_t width, size_t step, int32_t count, const int32_t *weights) {
    int32_t sums[PART];
    for (size_t x = 0; x < width; x++) sums[x] = 1 << (PRECISION - 1);
    for (int32_t k = 0; k < count; k++) {
        for (size_t x = 0; x < width; x++) sums[x] += weights[k] * input[(size_t)k * step + x];
    }
    for (size_t x = 0; x < width; x++) {
        int32_t value = sums[x] >> PRECISION;
        output[x] = value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
    }
}

void image_resample(const uint8_t *input, size_t input_row, uint8_t *output, size_t output_row, size_t rows, size_t points, size_t width,
                    const int32_t *firsts, const int32_t *counts, const int32_t *weights, size_t taps) {
    for (size_t row = 0; row < rows; row++) {
        for (size_t p = 0; p < points; p++) {
            const uint8_t *in = input + row * input_row + (size_t)firsts[p] * width;
            uint8_t *out = output + row * output_row + p * width;
            if (width == 3) {
                point(in, out, 3, 3, counts[p], weights + p * taps);
                continue;
            }
            for (size_t x = 0; x < width; x += PART) {
                point(in + x, out + x, width - x < PART ? width - x : PART, width, counts[p], weights + p * taps);
            }
        }
    }
}
