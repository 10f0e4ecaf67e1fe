// Template of attention.c, included for each type.

/// The thread's buffers for sequences of up to `longest` tokens.
typedef struct {
    int64_t padded;         // tokens rounded up to whole vectors
    REAL *keys, *values;    // [d, padded], transposed
    REAL *scores, *slopes;  // [query block, padded]
    REAL *strip;            // [padded, LANES]
    uint32_t *words;
} NAME(tap_attention_scratch);

TAP_INLINE int64_t NAME(tap_pad)(int64_t n) { return (n + LANES - 1) / LANES * LANES; }

TAP_INLINE void NAME(tap_attention_buffers)(NAME(tap_attention_scratch) *s, const int32_t *offsets, int64_t first,
                                            int64_t last, int64_t d) {
    int64_t longest = 0;
    for (int64_t i = first; i < last; i++) {
        int64_t length = offsets[i + 1] - offsets[i];
        longest = length > longest ? length : longest;
    }
    int64_t padded = NAME(tap_pad)(longest);
    int64_t reals = 2 * d * padded + 2 * TAP_QUERY_BLOCK * padded + padded * LANES;
    int64_t words = TAP_QUERY_BLOCK * ((longest + 3) / 4 * 4) + TAP_PHILOX_WORDS;
    REAL *memory = tap_scratch((size_t)reals * sizeof(REAL) + (size_t)words * sizeof(uint32_t));
    s->padded = padded;
    s->scores = memory;
    s->slopes = s->scores + TAP_QUERY_BLOCK * padded;
    s->strip = s->slopes + TAP_QUERY_BLOCK * padded;
    s->keys = s->strip + padded * LANES;
    s->values = s->keys + d * padded;
    s->words = (uint32_t *)(s->values + d * padded);
}

/// out[c * padded + r] = x[r * stride + c] for `rows` rows of d numbers; the padding repeats the last row.
TAP_INLINE void NAME(tap_transpose)(const REAL *x, int64_t stride, int64_t rows, int64_t d, REAL *out,
                                    int64_t padded) {
    int64_t c = 0;
    for (; c + LANES <= d; c += LANES) {
        for (int64_t r = 0; r < padded; r += LANES) {
            VREAL v[LANES], t[LANES];
            TAP_UNROLL for (int i = 0; i < LANES; i++) {
                int64_t row = r + i < rows ? r + i : rows - 1;
                v[i] = *(const VREAL_UNALIGNED *)(x + row * stride + c);
            }
            // Interleaving the first half of the rows with the second, as often as there are bits in a lane
            // number, transposes a square.
            TAP_UNROLL for (int stage = 0; stage < ZIP_STAGES; stage++) {
                TAP_UNROLL for (int i = 0; i < LANES / 2; i++) {
                    t[2 * i] = ZIP_LOW(v[i], v[i + LANES / 2]);
                    t[2 * i + 1] = ZIP_HIGH(v[i], v[i + LANES / 2]);
                }
                TAP_UNROLL for (int i = 0; i < LANES; i++) { v[i] = t[i]; }
            }
            TAP_UNROLL for (int i = 0; i < LANES; i++) { *(VREAL_UNALIGNED *)(out + (c + i) * padded + r) = v[i]; }
        }
    }
    for (; c < d; c++) {
        for (int64_t r = 0; r < padded; r++) { out[c * padded + r] = x[(r < rows ? r : rows - 1) * stride + c]; }
    }
}

/// c[m, n] = (or +=) alpha * a[m, k] * b[k, n]; a has any strides, rows of b and c are contiguous. `strip` has
/// room for [k, LANES].
TAP_INLINE void NAME(tap_product)(int64_t m, int64_t n, int64_t k, REAL alpha, const REAL *a, int64_t rowStride,
                                  int64_t columnStride, const REAL *b, int64_t ldb, bool accumulate, REAL *c,
                                  int64_t ldc, REAL *strip) {
    for (int64_t j = 0; j < n; j += LANES) {
        const REAL *column = b + j;
        int64_t step = ldb, count = n - j;
        if (count < LANES) {
            for (int64_t l = 0; l < k; l++) {
                for (int64_t i = 0; i < LANES; i++) { strip[l * LANES + i] = i < count ? column[l * ldb + i] : 0; }
            }
            column = strip;
            step = LANES;
        }
        for (int64_t i = 0; i < m; i += 4) {
            int64_t rows = m - i < 4 ? m - i : 4;
            // Missing rows are worked out as copies of the last one and not stored.
            const REAL *a0 = a + i * rowStride;
            const REAL *a1 = rows > 1 ? a0 + rowStride : a0;
            const REAL *a2 = rows > 2 ? a1 + rowStride : a1;
            const REAL *a3 = rows > 3 ? a2 + rowStride : a2;
            VREAL s[4] = {0, 0, 0, 0};
            for (int64_t l = 0; l < k; l++) {
                VREAL v = *(const VREAL_UNALIGNED *)(column + l * step);
                s[0] += a0[l * columnStride] * v;
                s[1] += a1[l * columnStride] * v;
                s[2] += a2[l * columnStride] * v;
                s[3] += a3[l * columnStride] * v;
            }
            REAL *target = c + i * ldc + j;
            if (count >= LANES) {
                for (int r = 0; r < 4; r++) {
                    if (r < rows) {
                        VREAL_UNALIGNED *place = (VREAL_UNALIGNED *)(target + r * ldc);
                        *place = accumulate ? *place + alpha * s[r] : alpha * s[r];
                    }
                }
            } else {
                for (int64_t r = 0; r < rows; r++) {
                    REAL row[LANES] __attribute__((aligned(64)));
                    *(VREAL *)row = alpha * s[r];
                    for (int64_t l = 0; l < count; l++) {
                        target[r * ldc + l] = accumulate ? target[r * ldc + l] + row[l] : row[l];
                    }
                }
            }
        }
    }
}

/// Soft-max over the first `keys` of a padded row of scores, in place; its largest score and the sum.
TAP_INLINE void NAME(tap_score_softmax)(REAL *row, int64_t keys, int64_t padded, REAL *largest, REAL *total) {
    VMASK real = LANE_NUMBERS < (VMASK)(keys - (padded - LANES));
    VREAL *tail = (VREAL *)(row + padded - LANES);
    VREAL outside = -(REAL)INFINITY;
    *tail = real ? *tail : outside;
    VREAL best = *tail;
    for (int64_t j = 0; j < padded - LANES; j += LANES) {
        VREAL v = *(VREAL *)(row + j);
        best = v > best ? v : best;
    }
    REAL shift = MAX_LANES(best);
    VREAL sum = 0;
    for (int64_t j = 0; j < padded; j += LANES) {
        VREAL v = *(VREAL *)(row + j) - shift;
        NAME(tap_exp_lanes)(&v);
        *(VREAL *)(row + j) = v;
        sum += v;
    }
    REAL whole = ADD_LANES(sum);
    REAL factor = 1 / whole;
    for (int64_t j = 0; j < padded; j += LANES) { *(VREAL *)(row + j) *= factor; }
    *largest = shift;
    *total = whole;
}

/// `causal` is known where this is put in, so that one variant costs the other nothing.
TAP_INLINE void NAME(tap_attention_of)(const REAL *q, const REAL *k, const REAL *v, REAL *out, REAL *lse,
                                       const int32_t *offsets, int64_t first, int64_t last, int64_t heads, int64_t d,
                                       REAL scale, bool causal, double rate, uint64_t key, uint32_t site,
                                       const uint32_t *sample) {
    NAME(tap_attention_scratch) s;
    NAME(tap_attention_buffers)(&s, offsets, first, last, d);
    int64_t stride = heads * d;
    uint64_t least = tap_keep_threshold(rate);
    REAL keep = (REAL)(1 / (1 - rate));
    for (int64_t sequence = first; sequence < last; sequence++) {
        int64_t start = offsets[sequence], length = offsets[sequence + 1] - start;
        for (int64_t head = 0; length > 0 && head < heads; head++) {
            int64_t corner = start * stride + head * d;
            NAME(tap_transpose)(k + corner, stride, length, d, s.keys, NAME(tap_pad)(length));
            for (int64_t i = 0; i < length; i += TAP_QUERY_BLOCK) {
                int64_t rows = length - i < TAP_QUERY_BLOCK ? length - i : TAP_QUERY_BLOCK;
                int64_t keys = causal ? i + rows : length, padded = NAME(tap_pad)(keys), perRow = (keys + 3) / 4 * 4;
                NAME(tap_product)(rows, padded, d, scale, q + corner + i * stride, stride, 1, s.keys,
                                  NAME(tap_pad)(length), false, s.scores, padded, s.strip);
                REAL largest[TAP_QUERY_BLOCK] = {0}, total[TAP_QUERY_BLOCK] = {0};
                for (int64_t r = 0; r < rows; r++) {
                    REAL *row = s.scores + r * padded;
                    int64_t visible = causal ? i + r + 1 : keys, end = NAME(tap_pad)(visible);
                    NAME(tap_score_softmax)(row, visible, end, largest + r, total + r);
                    for (int64_t j = end; causal && j < padded; j++) { row[j] = 0; }
                }
                for (int64_t r = 0; r < rows; r += LANES) {
                    TAP_LANE_LOOP for (int l = 0; l < LANES; l++) {
                        largest[r + l] += NAME(tap_log)(total[r + l]);
                    }
                }
                for (int64_t r = 0; r < rows; r++) { lse[(start + i + r) * heads + head] = largest[r]; }
                if (rate > 0) {
                    tap_attention_words(key, i, rows, keys, heads, head, sample[sequence], site, s.words);
                    for (int64_t r = 0; r < rows; r++) {
                        REAL *row = s.scores + r * padded;
                        const uint32_t *words = s.words + r * perRow;
                        TAP_PARALLEL for (int64_t j = 0; j < perRow; j++) {
                            REAL p = row[j] * keep;
                            row[j] = words[j] >= least ? p : 0;
                        }
                    }
                }
                NAME(tap_product)(rows, d, keys, 1, s.scores, padded, 1, v + corner, stride, false,
                                  out + corner + i * stride, stride, s.strip);
            }
        }
    }
}

TAP_HOT void NAME(tap_attention)(const REAL *q, const REAL *k, const REAL *v, REAL *out, REAL *lse,
                                 const int32_t *offsets, int64_t first, int64_t last, int64_t heads, int64_t d,
                                 REAL scale, bool causal, double rate, uint64_t key, uint32_t site,
                                 const uint32_t *sample) {
    if (causal) {
        NAME(tap_attention_of)(q, k, v, out, lse, offsets, first, last, heads, d, scale, true, rate, key, site, sample);
    } else {
        NAME(tap_attention_of)(q, k, v, out, lse, offsets, first, last, heads, d, scale, false, rate, key, site, sample);
    }
}

/// With P the probabilities, M the dropout factors, dP = M * (dout v^T) and D = rowsum(dout * out):
/// dv = (P * M)^T dout, dS = P * (dP - D), dq = scale dS k, dk = scale dS^T q.
TAP_INLINE void NAME(tap_attention_backward_of)(const REAL *q, const REAL *k, const REAL *v, const REAL *out,
                                                const REAL *lse, const REAL *dout, REAL *dq, REAL *dk, REAL *dv,
                                                const int32_t *offsets, int64_t first, int64_t last, int64_t heads,
                                                int64_t d, REAL scale, bool causal, double rate, uint64_t key,
                                                uint32_t site, const uint32_t *sample) {
    NAME(tap_attention_scratch) s;
    NAME(tap_attention_buffers)(&s, offsets, first, last, d);
    int64_t stride = heads * d;
    uint64_t least = tap_keep_threshold(rate);
    REAL keep = (REAL)(1 / (1 - rate));
    for (int64_t sequence = first; sequence < last; sequence++) {
        int64_t start = offsets[sequence], length = offsets[sequence + 1] - start, whole = NAME(tap_pad)(length);
        for (int64_t head = 0; length > 0 && head < heads; head++) {
            int64_t corner = start * stride + head * d;
            NAME(tap_transpose)(k + corner, stride, length, d, s.keys, whole);
            NAME(tap_transpose)(v + corner, stride, length, d, s.values, whole);
            // From the last block, which sees all keys even where it is causal: it writes what the others add to.
            for (int64_t i = (length - 1) / TAP_QUERY_BLOCK * TAP_QUERY_BLOCK; i >= 0; i -= TAP_QUERY_BLOCK) {
                int64_t rows = length - i < TAP_QUERY_BLOCK ? length - i : TAP_QUERY_BLOCK;
                int64_t keys = causal ? i + rows : length, padded = NAME(tap_pad)(keys), perRow = (keys + 3) / 4 * 4;
                int64_t block = corner + i * stride;
                bool adds = i + rows < length;
                NAME(tap_product)(rows, padded, d, scale, q + block, stride, 1, s.keys, whole, false, s.scores,
                                  padded, s.strip);
                NAME(tap_product)(rows, padded, d, 1, dout + block, stride, 1, s.values, whole, false, s.slopes,
                                  padded, s.strip);
                if (rate > 0) {
                    tap_attention_words(key, i, rows, keys, heads, head, sample[sequence], site, s.words);
                }
                for (int64_t r = 0; r < rows; r++) {
                    REAL *p = s.scores + r * padded, *slope = s.slopes + r * padded;
                    const REAL *y = out + block + r * stride, *dy = dout + block + r * stride;
                    REAL shift = lse[(start + i + r) * heads + head];
                    VREAL sum = 0;
                    int64_t c = 0;
                    for (; c + LANES <= d; c += LANES) {
                        sum += *(const VREAL_UNALIGNED *)(y + c) * *(const VREAL_UNALIGNED *)(dy + c);
                    }
                    REAL mean = ADD_LANES(sum);
                    for (; c < d; c++) { mean += y[c] * dy[c]; }
                    // From here on `scores` holds P * M and `slopes` holds scale * dS.
                    if (rate > 0) {
                        const uint32_t *words = s.words + r * perRow;
                        for (int64_t j = 0; j < padded; j += LANES) {
                            VREAL e = *(VREAL *)(p + j) - shift;
                            NAME(tap_exp_lanes)(&e);
                            *(VREAL *)(p + j) = e;
                        }
                        TAP_PARALLEL for (int64_t j = 0; j < perRow; j++) {
                            bool kept = words[j] >= least;
                            REAL probability = p[j], kp = probability * keep, ks = slope[j] * keep;
                            p[j] = kept ? kp : 0;
                            slope[j] = scale * (probability * ((kept ? ks : 0) - mean));
                        }
                    } else {
                        for (int64_t j = 0; j < padded; j += LANES) {
                            VREAL e = *(VREAL *)(p + j) - shift;
                            NAME(tap_exp_lanes)(&e);
                            *(VREAL *)(p + j) = e;
                            *(VREAL *)(slope + j) = scale * (e * (*(VREAL *)(slope + j) - mean));
                        }
                    }
                    for (int64_t j = causal ? i + r + 1 : keys; j < keys; j++) { p[j] = slope[j] = 0; }
                }
                NAME(tap_product)(rows, d, keys, 1, s.slopes, padded, 1, k + corner, stride, false, dq + block,
                                  stride, s.strip);
                NAME(tap_product)(keys, d, rows, 1, s.slopes, 1, padded, q + block, stride, adds, dk + corner,
                                  stride, s.strip);
                NAME(tap_product)(keys, d, rows, 1, s.scores, 1, padded, dout + block, stride, adds, dv + corner,
                                  stride, s.strip);
            }
        }
    }
}

TAP_HOT void NAME(tap_attention_backward)(const REAL *q, const REAL *k, const REAL *v, const REAL *out,
                                          const REAL *lse, const REAL *dout, REAL *dq, REAL *dk, REAL *dv,
                                          const int32_t *offsets, int64_t first, int64_t last, int64_t heads,
                                          int64_t d, REAL scale, bool causal, double rate, uint64_t key,
                                          uint32_t site, const uint32_t *sample) {
    if (causal) {
        NAME(tap_attention_backward_of)(q, k, v, out, lse, dout, dq, dk, dv, offsets, first, last, heads, d, scale,
                                        true, rate, key, site, sample);
    } else {
        NAME(tap_attention_backward_of)(q, k, v, out, lse, dout, dq, dk, dv, offsets, first, last, heads, d, scale,
                                        false, rate, key, site, sample);
    }
}
