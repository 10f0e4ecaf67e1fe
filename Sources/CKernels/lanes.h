// Reductions of one vector to a number, as a tree: the same order on every machine.
#ifndef TAPESTRY_LANES_H
#define TAPESTRY_LANES_H

#include "kernels.h"

typedef float tap_v8f_ __attribute__((ext_vector_type(8)));
typedef float tap_v4f_ __attribute__((ext_vector_type(4)));
typedef float tap_v2f_ __attribute__((ext_vector_type(2)));
typedef double tap_v4d_ __attribute__((ext_vector_type(4)));
typedef double tap_v2d_ __attribute__((ext_vector_type(2)));

TAP_INLINE float tap_add_lanes_f32(const tap_v16f *v) {
    tap_v8f_ a = v->lo + v->hi;
    tap_v4f_ b = a.lo + a.hi;
    tap_v2f_ c = b.lo + b.hi;
    return c.x + c.y;
}

TAP_INLINE double tap_add_lanes_f64(const tap_v8d *v) {
    tap_v4d_ a = v->lo + v->hi;
    tap_v2d_ b = a.lo + a.hi;
    return b.x + b.y;
}

/// The largest lane; lanes that are NaN may be passed over.
TAP_INLINE float tap_max_lanes_f32(const tap_v16f *v) {
    tap_v8f_ a = v->lo > v->hi ? v->lo : v->hi;
    tap_v4f_ b = a.lo > a.hi ? a.lo : a.hi;
    tap_v2f_ c = b.lo > b.hi ? b.lo : b.hi;
    return c.x > c.y ? c.x : c.y;
}

/// The largest lane; lanes that are NaN may be passed over.
TAP_INLINE double tap_max_lanes_f64(const tap_v8d *v) {
    tap_v4d_ a = v->lo > v->hi ? v->lo : v->hi;
    tap_v2d_ b = a.lo > a.hi ? a.lo : a.hi;
    return b.x > b.y ? b.x : b.y;
}

#endif
