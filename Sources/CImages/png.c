#include "formats.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const uint8_t *bytes;
    size_t count, position;
    uint8_t *problem;
} png_source;

static void take(png_structp png, png_bytep out, size_t count) {
    png_source *source = png_get_io_ptr(png);
    if (count > source->count - source->position) png_error(png, "the file is cut");
    memcpy(out, source->bytes + source->position, count);
    source->position += count;
}

static void fail(png_structp png, png_const_charp message) {
    png_source *source = png_get_error_ptr(png);
    snprintf((char *)source->problem, IMAGE_PROBLEM_SIZE, "%s", message);
    png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

// The largest of 16 bits becomes the largest of 8, and so does all above 255: what Pillow makes of such a picture.
static void narrow(uint8_t *row, size_t width) {
    for (size_t x = width; x-- > 0;) {
        uint8_t value = row[2 * x] ? 255 : row[2 * x + 1];
        memset(row + 3 * x, value, 3);
    }
}

// Points on white, with Pillow's rounding.
static void compose(const uint8_t *rgba, uint8_t *rgb, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t alpha = rgba[4 * i + 3];
        for (int channel = 0; channel < 3; channel++) {
            uint32_t sum = (rgba[4 * i + channel] * alpha + 255 * (255 - alpha) + 128) << 7;
            rgb[3 * i + channel] = (uint8_t)(((sum >> 8) + sum) >> 15);
        }
    }
}

int png_run(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t *width, size_t *height, uint8_t *problem) {
    png_source source = {bytes, count, 0, problem};
    uint8_t *volatile layered = NULL;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_read_struct(&png, NULL, NULL);
        snprintf((char *)problem, IMAGE_PROBLEM_SIZE, "there is no memory for it");
        return 0;
    }
    if (setjmp(png_jmpbuf(png))) {
        free(layered);
        png_destroy_read_struct(&png, &info, NULL);
        return 0;
    }
    png_set_read_fn(png, &source, take);
    // Texts and profiles have no bearing on pixels, and can be large.
    static const png_byte unused[] = "iCCP\0iTXt\0tEXt\0zTXt\0sPLT";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unused, 5);
    png_read_info(png, info);
    size_t columns = png_get_image_width(png, info), rows = png_get_image_height(png, info);
    // Deflate makes no more than 1032 bytes of one.
    if ((png_get_rowbytes(png, info) + 1) / 1032 * rows > count) png_error(png, "the file is too short for the size that it declares");
    if (!pixels) {
        *width = columns;
        *height = rows;
        png_destroy_read_struct(&png, &info, NULL);
        return 1;
    }
    if (columns != *width || rows != *height) png_error(png, "its size has changed");
    int is_gray = png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY;
    int is_wide_gray = is_gray && png_get_bit_depth(png, info) == 16;
    int has_alpha = !is_wide_gray && (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA || png_get_valid(png, info, PNG_INFO_tRNS));
    if (!is_wide_gray) {
        png_set_strip_16(png);
        if (png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
        if (is_gray) png_set_expand_gray_1_2_4_to_8(png);
        if (has_alpha) png_set_tRNS_to_alpha(png);
        png_set_gray_to_rgb(png);
    }
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t stride = (has_alpha ? 4 : 3) * columns;
    if (png_get_rowbytes(png, info) > stride) png_error(png, "its rows are wider than they should be");
    if (has_alpha) {
        layered = calloc(rows, stride);
        if (!layered) png_error(png, "there is no memory for it");
    }
    uint8_t *target = has_alpha ? layered : pixels;
    for (int pass = 0; pass < passes; pass++) {
        for (size_t row = 0; row < rows; row++) { png_read_row(png, target + row * stride, NULL); }
    }
    if (has_alpha) compose(target, pixels, rows * columns);
    for (size_t row = 0; is_wide_gray && row < rows; row++) { narrow(pixels + row * 3 * columns, columns); }
    free(layered);
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
}
