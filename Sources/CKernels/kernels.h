// What every file of leaf loops shares: dispatch per instruction set, vector types, loop hints.
#ifndef TAPESTRY_KERNELS_H
#define TAPESTRY_KERNELS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

/// Compiles a function once per instruction set; the loader picks the best one for this machine.
#ifndef TAP_HOT
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
// The loader chooses before a sanitizer is ready for the code that does: no choice then.
#define TAP_HOT
#endif
#endif
#endif
#ifndef TAP_HOT
#if defined(__x86_64__) && defined(__linux__)
#define TAP_HOT __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TAP_HOT
#endif
#endif

/// Helpers have to be compiled into each clone of their caller, so inlining is not left to taste.
#define TAP_INLINE static inline __attribute__((always_inline))

/// Says that iterations are independent although the output may be the input itself.
#define TAP_PARALLEL _Pragma("clang loop vectorize(assume_safety)")
// Builds for debugging (sanitizers, coverage) cannot follow the hints, which is no fault of the code.
#pragma clang diagnostic ignored "-Wpass-failed"
#define TAP_UNROLL _Pragma("clang loop unroll(full)")

#define TAP_PASTE_(a, b) a##_##b
#define TAP_PASTE(a, b) TAP_PASTE_(a, b)
/// `NAME(tap_sum)` is `tap_sum_f32` or `tap_sum_f64`, whichever type the template is being included for.
#define NAME(base) TAP_PASTE(base, SUFFIX)

// Vectors are 64 bytes whatever the machine's registers: an order of summation written with them is the same
// everywhere. They never appear as parameters, since the calling convention depends on the instruction set.
typedef float tap_v16f __attribute__((ext_vector_type(16)));
typedef float tap_v16f_unaligned __attribute__((ext_vector_type(16), aligned(4), may_alias));
typedef int32_t tap_v16i __attribute__((ext_vector_type(16)));
typedef double tap_v8d __attribute__((ext_vector_type(8)));
typedef double tap_v8d_unaligned __attribute__((ext_vector_type(8), aligned(8), may_alias));
typedef long tap_v8i __attribute__((ext_vector_type(8))); // what a comparison of doubles gives
typedef uint64_t tap_v8u __attribute__((ext_vector_type(8)));

/// Longest run of additions that is kept in REAL: sums of blocks are added in double.
enum { TAP_SUM_BLOCK = 4096, TAP_ROW_BLOCK = 128, TAP_COLUMN_CHUNK = 256 };

// `tap_unary_f32`, `tap_unary_f64` and so on.
#define TAP_IN const float *
#define TAP_OUT float *
#define TAP_DECLARE_KERNEL(RESULT, NAME, PARAMETERS, ARGUMENTS) RESULT tap_##NAME##_f32 PARAMETERS;
TAP_KERNELS(TAP_DECLARE_KERNEL)
#undef TAP_IN
#undef TAP_OUT
#undef TAP_DECLARE_KERNEL
#define TAP_IN const double *
#define TAP_OUT double *
#define TAP_DECLARE_KERNEL(RESULT, NAME, PARAMETERS, ARGUMENTS) RESULT tap_##NAME##_f64 PARAMETERS;
TAP_KERNELS(TAP_DECLARE_KERNEL)
#undef TAP_IN
#undef TAP_OUT
#undef TAP_DECLARE_KERNEL

/// A 64-byte aligned buffer of this thread, valid until the thread's next call.
void *tap_scratch(size_t bytes);

#endif
