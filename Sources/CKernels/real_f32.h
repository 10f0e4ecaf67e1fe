// Sets up a template for `float`. Included repeatedly, hence no guard.
#include "real_undefine.h"

#define REAL float
#define UREAL uint32_t
#define SUFFIX f32
#define LANES 16
#define VREAL tap_v16f
#define VREAL_UNALIGNED tap_v16f_unaligned
#define VMASK tap_v16i
/// A loop over LANES elements of our own branch-free maths becomes one straight run of vector code.
#define TAP_LANE_LOOP \
    _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(1) unroll(disable)")
#define LANE_NUMBERS ((VMASK){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define ZIP_STAGES 4
#define ADD_LANES(v) tap_add_lanes_f32(&(v))
#define MAX_LANES(v) tap_max_lanes_f32(&(v))
