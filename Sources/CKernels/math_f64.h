// Double precision functions: libm, since they serve gradient checks, where accuracy comes first.
#ifndef TAPESTRY_MATH_F64_H
#define TAPESTRY_MATH_F64_H

#include "kernels.h"

TAP_INLINE double tap_exp_f64(double x) { return exp(x); }
TAP_INLINE double tap_log_f64(double x) { return log(x); }
TAP_INLINE double tap_log1p_f64(double x) { return log1p(x); }
TAP_INLINE double tap_tanh_f64(double x) { return tanh(x); }
TAP_INLINE double tap_erf_f64(double x) { return erf(x); }
// The library's square root may set errno, which keeps it out of vector code; this one never does.
TAP_INLINE double tap_sqrt_f64(double x) { return __builtin_elementwise_sqrt(x); }
TAP_INLINE double tap_abs_f64(double x) { return __builtin_fabs(x); }
TAP_INLINE double tap_floor_f64(double x) { return __builtin_elementwise_floor(x); }
TAP_INLINE double tap_pow_f64(double x, double y) { return pow(x, y); }

TAP_INLINE double tap_sigmoid_f64(double x) {
    double e = exp(-__builtin_fabs(x));
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

TAP_INLINE double tap_softplus_f64(double x) { return x > 20.0 ? x : log1p(exp(x)); }

#define TAP_SQRT_HALF 0.70710678118654752440
#define TAP_SQRT_8_OVER_PI 1.59576912160573071176

TAP_INLINE double tap_gelu_f64(double x) { return x * (0.5 * erfc(-x * TAP_SQRT_HALF)); }

TAP_INLINE double tap_gelu_derivative_f64(double x) {
    x = x > 50.0 ? 50.0 : x; // the derivative is 0 or 1 there, and x e^(-x^2 / 2) stays a number
    x = x < -50.0 ? -50.0 : x;
    return 0.5 * erfc(-x * TAP_SQRT_HALF) + x * exp(-0.5 * x * x) * 0.39894228040143267794;
}

/// x (1 + tanh u) / 2 = x sigmoid(2u), u = sqrt(2 / pi) (x + 0.044715 x^3).
TAP_INLINE double tap_gelu_tanh_f64(double x) {
    return x * tap_sigmoid_f64(TAP_SQRT_8_OVER_PI * (x + 0.044715 * x * x * x));
}

TAP_INLINE double tap_gelu_tanh_derivative_f64(double x) {
    x = x > 50.0 ? 50.0 : x;
    x = x < -50.0 ? -50.0 : x;
    double u = TAP_SQRT_8_OVER_PI * (x + 0.044715 * x * x * x);
    double s = tap_sigmoid_f64(u);
    return s + x * s * tap_sigmoid_f64(-u) * TAP_SQRT_8_OVER_PI * (1.0 + 3.0 * 0.044715 * x * x);
}

#endif
