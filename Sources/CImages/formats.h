#include "CImages.h"

/// Reads the size where `pixels` is NULL, else the pixels of an image of that size.
int png_run(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t *width, size_t *height, uint8_t *problem);

/// The same of JPEG.
int jpeg_run(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t *width, size_t *height, uint8_t *problem);
