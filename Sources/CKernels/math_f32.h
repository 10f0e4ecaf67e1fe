// Single precision functions without branches, so that loops over them become vector code.
//
// Polynomials are weighted minimax fits of the named remainder on the named interval, rounded to float.
#ifndef TAPESTRY_MATH_F32_H
#define TAPESTRY_MATH_F32_H

#include "kernels.h"

TAP_INLINE float tap_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

TAP_INLINE uint32_t tap_to_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// 2^k for -126 <= k <= 127.
TAP_INLINE float tap_power_of_two(int32_t k) { return tap_from_bits((uint32_t)(k + 127) << 23); }

// ln 2 in two parts; the first has so few bits that its product with an exponent is exact.
#define TAP_LN2_HIGH 0.693145752f
#define TAP_LN2_LOW 1.42860677e-6f

/// x = k ln 2 + r with |r| <= ln 2 / 2; returns e^r - 1, accurate relative to itself.
TAP_INLINE float tap_exp_reduced(float x, int32_t *k) {
    const float shift = 12582912.0f; // 1.5 * 2^23: adding it rounds to a whole number in the low bits
    float shifted = x * 1.44269504f + shift;
    float whole = shifted - shift;
    *k = (int32_t)(tap_to_bits(shifted) - tap_to_bits(shift));
    float r = x - whole * TAP_LN2_HIGH;
    r = r - whole * TAP_LN2_LOW;
    // (e^r - 1 - r) / r^2, error 4e-9 of e^r
    float p = 0.00139507244f;
    p = p * r + 0.00836902484f;
    p = p * r + 0.0416662022f;
    p = p * r + 0.166665182f;
    p = p * r + 0.5f;
    return p * (r * r) + r;
}

/// Results below the smallest normal number are 0: working out subnormal ones would cost processors a detour,
/// and masked scores come here by the thousand.
TAP_INLINE float tap_exp_f32(float x) {
    bool vanishes = x < -87.3365402f;
    x = vanishes ? -87.3365402f : x;
    x = x > 89.0f ? 89.0f : x;
    int32_t k;
    float p = tap_exp_reduced(x, &k) + 1.0f;
    int32_t half = k >> 1; // two factors, since 2^128 is no number
    float y = p * tap_power_of_two(half) * tap_power_of_two(k - half);
    return vanishes ? 0.0f : y;
}

/// e^x - 1 for -80 <= x <= 80.
TAP_INLINE float tap_expm1_f32(float x) {
    int32_t k;
    float p = tap_exp_reduced(x, &k);
    float scale = tap_power_of_two(k);
    return p * scale + (scale - 1.0f);
}

TAP_INLINE float tap_log_f32(float x) {
    bool tiny = x < 1.17549435e-38f;
    float scaled = tiny ? x * 8388608.0f : x;
    // Splits off the power of two that leaves a factor in [sqrt 1/2, sqrt 2).
    uint32_t offset = tap_to_bits(scaled) - 0x3F3504F3u;
    int32_t exponent = (int32_t)offset >> 23;
    float f = tap_from_bits((offset & 0x007FFFFFu) + 0x3F3504F3u) - 1.0f;
    float e = (float)exponent - (tiny ? 23.0f : 0.0f);
    // (ln(1 + f) - f + f^2 / 2) / f^3, error 8e-9 of ln(1 + f)
    float p = -0.0763442963f;
    p = p * f + 0.127615497f;
    p = p * f + -0.131601945f;
    p = p * f + 0.142017618f;
    p = p * f + -0.166233569f;
    p = p * f + 0.200012267f;
    p = p * f + -0.250008225f;
    p = p * f + 0.333333313f;
    float square = f * f;
    float rest = p * (square * f) + e * TAP_LN2_LOW;
    rest = rest - 0.5f * square;
    float y = (rest + f) + e * TAP_LN2_HIGH;
    y = x < INFINITY ? y : x;
    y = x == 0.0f ? -INFINITY : y;
    return x >= 0.0f ? y : NAN;
}

TAP_INLINE float tap_log1p_f32(float x) {
    float u = 1.0f + x;
    float lost = (x - (u - 1.0f)) / u;
    float y = tap_log_f32(u);
    y = u > 0.0f && u < INFINITY ? y + lost : y;
    return u == 1.0f ? x : y;
}

/// (e^2|x| - 1) / (e^2|x| + 1) with the sign of x; beyond 20 it is 1 already.
TAP_INLINE float tap_tanh_f32(float x) {
    float twice = 2.0f * __builtin_fabsf(x);
    twice = twice > 40.0f ? 40.0f : twice;
    float p = tap_expm1_f32(twice);
    return __builtin_copysignf(p / (p + 2.0f), x);
}

TAP_INLINE float tap_sigmoid_f32(float x) { return 1.0f / (1.0f + tap_exp_f32(-x)); }

/// erf z = 1 - e^(-z q(z)), where q is smooth: relative accuracy near 0 comes from e^x - 1.
TAP_INLINE float tap_erf_f32(float x) {
    float z = __builtin_fabsf(x);
    z = z > 4.0f ? 4.0f : z;
    // -ln(erfc z) / z on [0, 4], error 4e-9 of erf z; the first coefficient in two parts
    float q = -9.25636414e-06f;
    q = q * z + 0.000117642106f;
    q = q * z + -0.000632839685f;
    q = q * z + 0.00166703225f;
    q = q * z + -0.000160400494f;
    q = q * z + -0.0191530623f;
    q = q * z + 0.102777831f;
    q = q * z + 0.636619389f;
    q = q * z + -5.92e-8f;
    float w = z * q + z * 1.12837923f;
    return __builtin_copysignf(-tap_expm1_f32(-w), x);
}

/// Phi(-z) e^(z^2 / 2) for z >= 0, Phi being the normal distribution function.
TAP_INLINE float tap_normal_tail_f32(float z) {
    float t = 1.0f / (1.0f + 0.282842712f * z);
    // e^(s^2) erfc(s) / (2 t) at s = z / sqrt 2, in t; error 4e-9 of Phi
    float p = 0.5f * 0.0727316737f;
    p = p * t + 0.5f * -0.384256899f;
    p = p * t + 0.5f * 0.657273114f;
    p = p * t + 0.5f * -0.336377978f;
    p = p * t + 0.5f * 0.37895453f;
    p = p * t + 0.5f * 0.153247103f;
    p = p * t + 0.5f * 0.233155429f;
    p = p * t + 0.5f * 0.225273013f;
    return p * t;
}

/// sin(x + quarters * pi / 2) for |x| <= 2^20, worked in double.
TAP_INLINE float tap_sine_f32(float x, int64_t quarters) {
    const double shift = 6755399441055744.0; // 1.5 * 2^52
    double shifted = (double)x * 0.63661977236758134 + shift;
    double whole = shifted - shift;
    int64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    int64_t quadrant = bits + quarters;
    // pi / 2 in two parts; the first has 33 bits
    double r = (double)x - whole * 1.57079632673412561417;
    r = r - whole * 6.07710050650619224932e-11;
    double s = r * r;
    double sine = 2.7557319223985893e-06 + s * -2.505210838544172e-08;
    sine = -0.00019841269841269841 + s * sine;
    sine = 0.0083333333333333333 + s * sine;
    sine = -0.16666666666666667 + s * sine;
    sine = r + r * (s * sine);
    double cosine = -2.7557319223985888e-07 + s * 2.08767569878681e-09;
    cosine = 2.4801587301587302e-05 + s * cosine;
    cosine = -0.0013888888888888889 + s * cosine;
    cosine = 0.041666666666666667 + s * cosine;
    cosine = 1.0 + s * (-0.5 + s * cosine);
    double y = (quadrant & 1) != 0 ? cosine : sine;
    return (float)((quadrant & 2) != 0 ? -y : y);
}

#define TAP_SINE_LIMIT 1048576.0f

TAP_INLINE float tap_softplus_f32(float x) {
    float y = tap_log1p_f32(tap_exp_f32(x));
    return x > 20.0f ? x : y;
}

TAP_INLINE float tap_gelu_f32(float x) {
    float tail = tap_exp_f32(-0.5f * (x * x)) * tap_normal_tail_f32(__builtin_fabsf(x));
    return x * (x < 0.0f ? tail : 1.0f - tail);
}

/// Phi(x) + x phi(x), which is 1 less its value at -x.
TAP_INLINE float tap_gelu_derivative_f32(float x) {
    float z = __builtin_fabsf(x);
    z = z > 20.0f ? 20.0f : z; // the derivative is 0 or 1 there, and z e^(-z^2 / 2) stays a number
    float left = tap_exp_f32(-0.5f * (z * z)) * (tap_normal_tail_f32(z) - z * 0.398942280f);
    return x < 0.0f ? left : 1.0f - left;
}

/// x (1 + tanh u) / 2 = x / (1 + e^(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3).
TAP_INLINE float tap_gelu_tanh_f32(float x) {
    float twice = x * (1.59576912f + 0.0713548163f * (x * x));
    return x / (1.0f + tap_exp_f32(-twice));
}

TAP_INLINE float tap_gelu_tanh_derivative_f32(float x) {
    x = x > 20.0f ? 20.0f : x;
    x = x < -9.0f ? -9.0f : x; // 0 from here on, and e stays finite
    float square = x * x;
    float e = tap_exp_f32(-x * (1.59576912f + 0.0713548163f * square));
    float s = 1.0f / (1.0f + e);
    // s (1 - s) is written e s^2, without the cancellation of 1 - s
    return s + (x * (e * (s * s))) * (1.59576912f + 0.214064449f * square);
}

// The library's square root may set errno, which keeps it out of vector code; this one never does.
TAP_INLINE float tap_sqrt_f32(float x) { return __builtin_elementwise_sqrt(x); }
TAP_INLINE float tap_abs_f32(float x) { return __builtin_fabsf(x); }
TAP_INLINE float tap_floor_f32(float x) { return __builtin_elementwise_floor(x); }
TAP_INLINE float tap_pow_f32(float x, float y) { return powf(x, y); }

#endif
