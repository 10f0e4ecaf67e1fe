#include "CCodecs.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

size_t scan_field(const uint8_t *bytes, size_t start, size_t count, uint8_t delimiter) {
    size_t i = start;
#if defined(__SSE2__)
    const __m128i separator = _mm_set1_epi8((char)delimiter), quote = _mm_set1_epi8('"');
    const __m128i feed = _mm_set1_epi8('\n'), carriage = _mm_set1_epi8('\r'), zero = _mm_setzero_si128();
    for (; i + 16 <= count; i += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(bytes + i));
        const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block, feed), _mm_cmpeq_epi8(block, carriage));
        const __m128i others = _mm_or_si128(_mm_cmpeq_epi8(block, separator), _mm_cmpeq_epi8(block, quote));
        const int mask = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(ends, others), _mm_cmpeq_epi8(block, zero)));
        if (mask) return i + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    for (; i < count; i++) {
        const uint8_t byte = bytes[i];
        if (byte == delimiter || byte == '"' || byte == '\n' || byte == '\r' || byte == 0) return i;
    }
    return count;
}

size_t scan_quoted(const uint8_t *bytes, size_t start, size_t count) {
    size_t i = start;
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), feed = _mm_set1_epi8('\n'), zero = _mm_setzero_si128();
    for (; i + 16 <= count; i += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(bytes + i));
        const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block, feed), _mm_cmpeq_epi8(block, quote));
        const int mask = _mm_movemask_epi8(_mm_or_si128(ends, _mm_cmpeq_epi8(block, zero)));
        if (mask) return i + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    for (; i < count; i++) {
        const uint8_t byte = bytes[i];
        if (byte == '"' || byte == '\n' || byte == 0) return i;
    }
    return count;
}

size_t scan_json_string(const uint8_t *bytes, size_t start, size_t count) {
    size_t i = start;
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    for (; i + 16 <= count; i += 16) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(bytes + i));
        const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, control), block);
        const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block, slash), _mm_cmpeq_epi8(block, quote));
        const int mask = _mm_movemask_epi8(_mm_or_si128(ends, low));
        if (mask) return i + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    for (; i < count; i++) {
        const uint8_t byte = bytes[i];
        if (byte == '"' || byte == '\\' || byte < 0x20) return i;
    }
    return count;
}

int is_utf8(const uint8_t *bytes, size_t count) {
    size_t i = 0;
    while (i < count) {
#if defined(__SSE2__)
        while (i + 16 <= count && !_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(bytes + i)))) i += 16;
        if (i == count) return 1;
#endif
        const uint8_t first = bytes[i];
        if (first < 0x80) {
            i++;
            continue;
        }
        // The second byte's bounds rule out longer forms, surrogates and what lies beyond U+10FFFF.
        const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (first < 0xC2 || first > 0xF4 || length > count - i) return 0;
        const uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        const uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (bytes[i + 1] < low || bytes[i + 1] > high) return 0;
        for (size_t k = 2; k < length; k++) {
            if ((bytes[i + k] & 0xC0) != 0x80) return 0;
        }
        i += length;
    }
    return 1;
}

ptrdiff_t take_prefixed(const uint8_t *input, size_t size, size_t number, uint8_t *output, ptrdiff_t *ends) {
    size_t position = 0, length = 0;
    for (size_t i = 0; i < number; i++) {
        if (size - position < 4) return -1;
        const size_t count = input[position] | (size_t)input[position + 1] << 8 | (size_t)input[position + 2] << 16
            | (size_t)input[position + 3] << 24;
        position += 4;
        // Each text after this one needs its length.
        if (count > size - position || count > size - 4 * number - length) return -1;
        memcpy(output + length, input + position, count);
        position += count;
        length += count;
        ends[i] += (ptrdiff_t)length;
    }
    return (ptrdiff_t)length;
}
