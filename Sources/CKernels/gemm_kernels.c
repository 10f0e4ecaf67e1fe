// The kernels of gemm.c, compiled for each instruction set, and the choice between them at run time.
#include "gemm_internal.h"

#include <stddef.h>

// Sums are fused where the processor can: the same in every tile of one set of kernels.
#pragma STDC FP_CONTRACT ON
#define GEMM_UNROLL _Pragma("clang loop unroll(full)")
#define GEMM_ALIGNED [[clang::code_align(64)]]

#define GEMM_NAME(x) portable_##x
#define GEMM_TARGET
#define GEMM_LANES 4
#define GEMM_ROWS 6
#include "gemm_template.h"

#if defined(__x86_64__)

#define GEMM_NAME(x) v3_##x
#define GEMM_TARGET __attribute__((target("arch=x86-64-v3")))
#define GEMM_LANES 8
#define GEMM_ROWS 6
#include "gemm_template.h"

#define GEMM_NAME(x) v4_##x
// Without the second attribute vectors are cut in halves of 256 bits.
#define GEMM_TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define GEMM_LANES 16
#define GEMM_ROWS 12
#include "gemm_template.h"

const tap_gemm_kernels *tap_gemm_kernels_for_processor(void) {
    // By single features: older run-time libraries do not know the names of the levels.
    bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi")
        && __builtin_cpu_supports("bmi2");
    bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl");
    return v4 ? &v4_kernels : v3 ? &v3_kernels : &portable_kernels;
}

#else

const tap_gemm_kernels *tap_gemm_kernels_for_processor(void) {
    return &portable_kernels;
}

#endif
