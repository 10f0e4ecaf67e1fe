/// PNG and JPEG by the system's libraries, and the inner loops of resampling.
///
/// Nothing here trusts a size that a file declares: it is told first, and pixels have the room that the caller gives.

#ifndef CIMAGES_H
#define CIMAGES_H

#include <stddef.h>
#include <stdint.h>

enum { IMAGE_UNKNOWN = 0, IMAGE_PNG = 1, IMAGE_JPEG = 2 };

/// Room for what is wrong with a file: UTF-8 that ends with a NUL.
enum { IMAGE_PROBLEM_SIZE = 200 };

/// The format by the first bytes.
int image_format(const uint8_t *bytes, size_t count);

/// Reads how large the image is. Returns 0, with the problem, where the header is damaged or the file too short for what it declares.
int image_measure(const uint8_t *bytes, size_t count, size_t *width, size_t *height, uint8_t *problem);

/// Writes red, green and blue of each point, row by row: as many as `image_measure` told. Returns 0, with the problem, where the file
/// is damaged or cut.
int image_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t width, size_t height, uint8_t *problem);

/// Makes points of weighted sums of points, as the columns of an image or its rows.
///
/// Point p of a row is the sum over k below `counts[p]` of `weights[p * taps + k]` times the old point `firsts[p] + k`, divided by 2^22,
/// rounded, and kept within 0 and 255. A point is `width` bytes, and so far from the next.
void image_resample(const uint8_t *input, size_t input_row, uint8_t *output, size_t output_row, size_t rows, size_t points, size_t width,
                    const int32_t *firsts, const int32_t *counts, const int32_t *weights, size_t taps);

#endif
