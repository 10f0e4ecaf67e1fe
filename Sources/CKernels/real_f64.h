// Sets up a template for `double`. Included repeatedly, hence no guard.
#include "real_undefine.h"

#define REAL double
#define UREAL uint64_t
#define SUFFIX f64
#define LANES 8
#define VREAL tap_v8d
#define VREAL_UNALIGNED tap_v8d_unaligned
#define VMASK tap_v8i
/// Double precision calls libm, which stays scalar.
#define TAP_LANE_LOOP
#define LANE_NUMBERS ((VMASK){0, 1, 2, 3, 4, 5, 6, 7})
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define ZIP_STAGES 3
#define ADD_LANES(v) tap_add_lanes_f64(&(v))
#define MAX_LANES(v) tap_max_lanes_f64(&(v))
