#include "formats.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

typedef struct {
    struct jpeg_error_mgr manager;
    jmp_buf place;
    uint8_t *problem;
} jpeg_failure;

// No encoder has reason for more, and each costs as much time as the whole image.
enum { MOST_SCANS = 100 };

static void give_up(j_common_ptr jpeg, const char *problem) {
    jpeg_failure *failure = (jpeg_failure *)jpeg->err;
    snprintf((char *)failure->problem, IMAGE_PROBLEM_SIZE, "%s", problem);
    longjmp(failure->place, 1);
}

static void fail(j_common_ptr jpeg) {
    char message[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, message);
    give_up(jpeg, message);
}

static void warn(j_common_ptr jpeg, int level) {
    if (level < 0 && jpeg->err->msg_code == JWRN_JPEG_EOF) give_up(jpeg, "the file is cut");
}

static void watch(j_common_ptr jpeg) {
    if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > MOST_SCANS) give_up(jpeg, "it has more than 100 scans");
}

// Inks of Adobe's kind, where 255 is none.
static void print(const uint8_t *inks, uint8_t *rgb, size_t width) {
    for (size_t x = 0; x < width; x++) {
        int black = inks[4 * x + 3];
        for (int channel = 0; channel < 3; channel++) {
            int product = (255 - inks[4 * x + channel]) * black + 128;
            int value = black - (((product >> 8) + product) >> 8);
            rgb[3 * x + channel] = value < 0 ? 0 : (uint8_t)value;
        }
    }
}

int jpeg_run(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t *width, size_t *height, uint8_t *problem) {
    struct jpeg_decompress_struct jpeg;
    jpeg_failure failure = {.problem = problem};
    struct jpeg_progress_mgr progress = {.progress_monitor = watch};
    uint8_t *volatile inks = NULL;
    memset(&jpeg, 0, sizeof jpeg);
    jpeg.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = fail;
    failure.manager.emit_message = warn;
    if (setjmp(failure.place)) {
        free(inks);
        jpeg_destroy_decompress(&jpeg);
        return 0;
    }
    jpeg_create_decompress(&jpeg);
    jpeg.progress = &progress;
    jpeg_mem_src(&jpeg, bytes, count);
    jpeg_read_header(&jpeg, TRUE);
    size_t columns = jpeg.image_width, rows = jpeg.image_height;
    // A block of 64 points takes a bit; at most 10 of them are one, where colors are coarser.
    if (!jpeg.arith_code && columns * rows / 5120 > count) {
        give_up((j_common_ptr)&jpeg, "the file is too short for the size that it declares");
    }
    if (jpeg.num_components == 2 || jpeg.num_components > 4) {
        give_up((j_common_ptr)&jpeg, "it has neither 1 nor 3 nor 4 channels");
    }
    if (!pixels) {
        *width = columns;
        *height = rows;
        jpeg_destroy_decompress(&jpeg);
        return 1;
    }
    if (columns != *width || rows != *height) give_up((j_common_ptr)&jpeg, "its size has changed");
    jpeg.out_color_space = jpeg.num_components == 4 ? JCS_CMYK : JCS_RGB;
    if (jpeg.num_components == 4) {
        inks = malloc(4 * columns);
        if (!inks) give_up((j_common_ptr)&jpeg, "there is no memory for it");
    }
    jpeg_start_decompress(&jpeg);
    while (jpeg.output_scanline < rows) {
        uint8_t *row = pixels + jpeg.output_scanline * 3 * columns;
        JSAMPROW target = inks ? inks : row;
        if (jpeg_read_scanlines(&jpeg, &target, 1) != 1) give_up((j_common_ptr)&jpeg, "the file is cut");
        if (inks) print(inks, row, columns);
    }
    free(inks);
    jpeg_destroy_decompress(&jpeg);
    return 1;
}
