// Template of attention.c, included for each type.

/// The thread's buffers for sequences of up to `longest` keys.
typedef struct {
    int64_t padded;             // keys rounded up to whole vectors
    REAL *keys, *values;        // [d, padded], transposed
    REAL *scores, *slopes;      // [query block, padded]
    REAL *strip;                // [padded or query block, LANES]
    REAL *queries, *turnedKeys; // [query block, d], [padded, d]
    REAL *line, *lineSlopes;    // [queries + padded]: biases by distance, the farthest key before first
    uint32_t *words;
} NAME(tap_attention_scratch);

TAP_INLINE int64_t NAME(tap_pad)(int64_t n) { return (n + LANES - 1) / LANES * LANES; }

TAP_INLINE void NAME(tap_attention_buffers)(NAME(tap_attention_scratch) *s, const int32_t *offsets,
                                            const int32_t *keyOffsets, int64_t first, int64_t last, int64_t d,
                                            bool general) {
    int64_t queries = 0, longest = 0;
    for (int64_t i = first; i < last; i++) {
        int64_t length = keyOffsets[i + 1] - keyOffsets[i], count = offsets[i + 1] - offsets[i];
        longest = length > longest ? length : longest;
        queries = count > queries ? count : queries;
    }
    int64_t padded = NAME(tap_pad)(longest);
    int64_t strip = (padded > TAP_QUERY_BLOCK ? padded : TAP_QUERY_BLOCK) * LANES;
    int64_t turned = general ? NAME(tap_pad)(d * padded) : 0, block = general ? NAME(tap_pad)(d * TAP_QUERY_BLOCK) : 0;
    int64_t line = general ? NAME(tap_pad)(queries) + padded : 0;
    int64_t reals = 2 * d * padded + 2 * TAP_QUERY_BLOCK * padded + strip + turned + block + 2 * line;
    int64_t words = TAP_QUERY_BLOCK * ((longest + 3) / 4 * 4) + TAP_PHILOX_WORDS;
    REAL *memory = tap_scratch((size_t)reals * sizeof(REAL) + (size_t)words * sizeof(uint32_t));
    s->padded = padded;
    s->scores = memory;
    s->slopes = s->scores + TAP_QUERY_BLOCK * padded;
    s->strip = s->slopes + TAP_QUERY_BLOCK * padded;
    s->keys = s->strip + strip;
    s->values = s->keys + d * padded;
    s->turnedKeys = s->values + d * padded;
    s->queries = s->turnedKeys + turned;
    s->line = s->queries + block;
    s->lineSlopes = s->line + line;
    s->words = (uint32_t *)(s->lineSlopes + line);
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

/// y = x with the first `rotated` numbers of each row turned in pairs (j, j + rotated / 2) by its position, or turned
/// back for a sign of -1. `turns` has cosines and then sines for each position; y may be x.
TAP_INLINE void NAME(tap_turn)(const REAL *x, int64_t stride, int64_t rows, int64_t d, const REAL *turns, int64_t rotated,
                               REAL sign, REAL *y, int64_t yStride) {
    int64_t half = rotated / 2;
    for (int64_t r = 0; r < rows; r++, x += stride, y += yStride, turns += rotated) {
        TAP_PARALLEL for (int64_t j = 0; j < half; j++) {
            REAL a = x[j], b = x[half + j], c = turns[j], s = sign * turns[half + j];
            y[j] = a * c - b * s;
            y[half + j] = b * c + a * s;
        }
        for (int64_t j = rotated; j < d; j++) { y[j] = x[j]; }
    }
}

/// line[queries - 1 + r] = the bias of a key that stands r places after the query, for all r that occur.
TAP_INLINE void NAME(tap_bias_line)(const tap_attention_plan *plan, const REAL *bias, int64_t queries, int64_t keys,
                                    REAL *line) {
    for (int64_t t = 0; t < queries + keys; t++) { line[t] = bias[tap_attention_column(plan, t - (queries - 1))]; }
}

/// `general` and `causal` are known where this is put in, so that one variant costs the others nothing. What is not
/// general has no bias and no rotation, as many key heads as heads, and sees all keys, or all up to itself if causal.
TAP_INLINE void NAME(tap_attention_of)(const tap_attention_plan *plan, const REAL *q, const REAL *k, const REAL *v,
                                       const REAL *bias, const REAL *turns, REAL *out, REAL *lse, int64_t first,
                                       int64_t last, bool general, bool causal) {
    const int32_t *offsets = plan->offsets, *keyOffsets = general && plan->key_offsets ? plan->key_offsets : offsets;
    int64_t heads = plan->heads, d = plan->d, group = general ? heads / plan->key_heads : 1;
    int64_t stride = heads * d, keyStride = general ? plan->key_heads * d : stride;
    NAME(tap_attention_scratch) s;
    NAME(tap_attention_buffers)(&s, offsets, keyOffsets, first, last, d, general);
    REAL scale = (REAL)plan->scale;
    double rate = plan->rate;
    uint64_t least = tap_keep_threshold(rate);
    REAL keep = (REAL)(1 / (1 - rate));
    for (int64_t sequence = first; sequence < last; sequence++) {
        int64_t start = offsets[sequence], length = offsets[sequence + 1] - start;
        int64_t keyStart = keyOffsets[sequence], keyLength = keyOffsets[sequence + 1] - keyStart;
        int64_t whole = NAME(tap_pad)(keyLength);
        for (int64_t head = 0; length > 0 && head < heads; head++) {
            int64_t corner = start * stride + head * d, keyCorner = keyStart * keyStride + head / group * d;
            if (keyLength > 0 && head % group == 0) {
                if (general && turns) {
                    NAME(tap_turn)(k + keyCorner, keyStride, keyLength, d, turns, plan->rotated, 1, s.turnedKeys, d);
                    NAME(tap_transpose)(s.turnedKeys, d, keyLength, d, s.keys, whole);
                } else {
                    NAME(tap_transpose)(k + keyCorner, keyStride, keyLength, d, s.keys, whole);
                }
            }
            if (general && bias) { NAME(tap_bias_line)(plan, bias + head * plan->column_count, length, whole, s.line); }
            for (int64_t i = 0; i < length; i += TAP_QUERY_BLOCK) {
                int64_t rows = length - i < TAP_QUERY_BLOCK ? length - i : TAP_QUERY_BLOCK, block = corner + i * stride;
                int64_t begin = 0, keys = causal ? i + rows : keyLength;
                if (general) { keys = tap_attention_keys(plan, i, rows, keyLength, LANES, &begin); }
                if (general && keys == 0) {
                    for (int64_t r = 0; r < rows; r++) {
                        memset(out + block + r * stride, 0, (size_t)d * sizeof(REAL));
                        lse[(start + i + r) * heads + head] = (REAL)INFINITY;
                    }
                    continue;
                }
                int64_t padded = NAME(tap_pad)(keys), perRow = (keys + 3) / 4 * 4;
                const REAL *queries = q + block;
                int64_t queryStride = stride;
                if (general && turns) {
                    NAME(tap_turn)(queries, stride, rows, d, turns + i * plan->rotated, plan->rotated, 1, s.queries, d);
                    queries = s.queries;
                    queryStride = d;
                }
                NAME(tap_product)(rows, padded, d, scale, queries, queryStride, 1, s.keys + begin, whole, false, s.scores,
                                  padded, s.strip);
                REAL largest[TAP_QUERY_BLOCK] = {0}, total[TAP_QUERY_BLOCK] = {0};
                for (int64_t r = 0; r < rows; r++) {
                    REAL *row = s.scores + r * padded;
                    int64_t from = 0, visible = causal ? i + r + 1 : keys;
                    if (general) { tap_attention_row(plan, i + r, begin, keys, &from, &visible); }
                    int64_t end = NAME(tap_pad)(visible);
                    if (general && bias) {
                        const REAL *line = s.line + length - 1 + begin - (i + r);
                        for (int64_t j = 0; j < end; j++) { row[j] += line[j]; }
                    }
                    for (int64_t j = 0; general && j < from; j++) { row[j] = -(REAL)INFINITY; }
                    if (!general || from < visible) {
                        NAME(tap_score_softmax)(row, visible, end, largest + r, total + r);
                    } else {
                        end = 0;
                    }
                    for (int64_t j = end; (general || causal) && j < padded; j++) { row[j] = 0; }
                }
                for (int64_t r = 0; r < rows; r += LANES) {
                    TAP_LANE_LOOP for (int l = 0; l < LANES; l++) {
                        largest[r + l] += NAME(tap_log)(total[r + l]);
                    }
                }
                for (int64_t r = 0; r < rows; r++) {
                    // Where no key is seen, infinity: the powers in the reverse pass come out as zeros.
                    lse[(start + i + r) * heads + head] = general && total[r] == 0 ? (REAL)INFINITY : largest[r];
                }
                if (rate > 0) {
                    tap_attention_words(plan, i, rows, begin, keys, head, sequence, s.words);
                    for (int64_t r = 0; r < rows; r++) {
                        REAL *row = s.scores + r * padded;
                        const uint32_t *words = s.words + r * perRow;
                        TAP_PARALLEL for (int64_t j = 0; j < perRow; j++) {
                            REAL p = row[j] * keep;
                            row[j] = words[j] >= least ? p : 0;
                        }
                    }
                }
                NAME(tap_product)(rows, d, keys, 1, s.scores, padded, 1, v + keyCorner + begin * keyStride, keyStride,
                                  false, out + block, stride, s.strip);
            }
        }
    }
}

TAP_HOT void NAME(tap_attention)(const tap_attention_plan *plan, const REAL *q, const REAL *k, const REAL *v,
                                 const REAL *bias, const REAL *turns, REAL *out, REAL *lse, int64_t first,
                                 int64_t last) {
    if (tap_attention_is_general(plan) || bias || turns) {
        NAME(tap_attention_of)(plan, q, k, v, bias, turns, out, lse, first, last, true, false);
    } else if (plan->highest == 0) {
        NAME(tap_attention_of)(plan, q, k, v, NULL, NULL, out, lse, first, last, false, true);
    } else {
        NAME(tap_attention_of)(plan, q, k, v, NULL, NULL, out, lse, first, last, false, false);
    }
}

/// With P the probabilities, M the dropout factors, dP = M * (dout v^T) and D = rowsum(dout * out):
/// dv = (P * M)^T dout, dS = P * (dP - D), dq = scale dS k, dk = scale dS^T q; a bias gets the sum of its dS.
TAP_INLINE void NAME(tap_attention_backward_of)(const tap_attention_plan *plan, const REAL *q, const REAL *k, const REAL *v,
                                                const REAL *bias, const REAL *turns, const REAL *out, const REAL *lse,
                                                const REAL *dout, REAL *dq, REAL *dk, REAL *dv, REAL *dbias,
                                                int64_t first, int64_t last, bool general, bool causal) {
    const int32_t *offsets = plan->offsets, *keyOffsets = general && plan->key_offsets ? plan->key_offsets : offsets;
    int64_t heads = plan->heads, d = plan->d, group = general ? heads / plan->key_heads : 1;
    int64_t stride = heads * d, keyStride = general ? plan->key_heads * d : stride;
    NAME(tap_attention_scratch) s;
    NAME(tap_attention_buffers)(&s, offsets, keyOffsets, first, last, d, general);
    REAL scale = (REAL)plan->scale;
    double rate = plan->rate;
    uint64_t least = tap_keep_threshold(rate);
    REAL keep = (REAL)(1 / (1 - rate));
    for (int64_t sequence = first; sequence < last; sequence++) {
        int64_t start = offsets[sequence], length = offsets[sequence + 1] - start;
        int64_t keyStart = keyOffsets[sequence], keyLength = keyOffsets[sequence + 1] - keyStart;
        int64_t whole = NAME(tap_pad)(keyLength);
        if (general) {
            memset(dk + keyStart * keyStride, 0, (size_t)(keyLength * keyStride) * sizeof(REAL));
            memset(dv + keyStart * keyStride, 0, (size_t)(keyLength * keyStride) * sizeof(REAL));
        }
        for (int64_t head = 0; length > 0 && head < heads; head++) {
            int64_t corner = start * stride + head * d, keyCorner = keyStart * keyStride + head / group * d;
            const REAL *keyRows = k + keyCorner;
            int64_t keyRowStride = keyStride;
            if (general && turns) {
                keyRows = s.turnedKeys;
                keyRowStride = d;
            }
            if (keyLength > 0 && head % group == 0) {
                if (general && turns) {
                    NAME(tap_turn)(k + keyCorner, keyStride, keyLength, d, turns, plan->rotated, 1, s.turnedKeys, d);
                }
                NAME(tap_transpose)(keyRows, keyRowStride, keyLength, d, s.keys, whole);
                NAME(tap_transpose)(v + keyCorner, keyStride, keyLength, d, s.values, whole);
            }
            if (general && bias) {
                NAME(tap_bias_line)(plan, bias + head * plan->column_count, length, whole, s.line);
                memset(s.lineSlopes, 0, (size_t)(length + whole) * sizeof(REAL));
            }
            // From the last block, which sees all keys even where it is causal: it writes what the others add to.
            for (int64_t i = (length - 1) / TAP_QUERY_BLOCK * TAP_QUERY_BLOCK; i >= 0; i -= TAP_QUERY_BLOCK) {
                int64_t rows = length - i < TAP_QUERY_BLOCK ? length - i : TAP_QUERY_BLOCK, block = corner + i * stride;
                int64_t begin = 0, keys = causal ? i + rows : keyLength;
                if (general) { keys = tap_attention_keys(plan, i, rows, keyLength, LANES, &begin); }
                if (general && keys == 0) {
                    for (int64_t r = 0; r < rows; r++) { memset(dq + block + r * stride, 0, (size_t)d * sizeof(REAL)); }
                    continue;
                }
                int64_t padded = NAME(tap_pad)(keys), perRow = (keys + 3) / 4 * 4;
                bool adds = general || i + rows < length;
                const REAL *queries = q + block;
                int64_t queryStride = stride;
                if (general && turns) {
                    NAME(tap_turn)(queries, stride, rows, d, turns + i * plan->rotated, plan->rotated, 1, s.queries, d);
                    queries = s.queries;
                    queryStride = d;
                }
                NAME(tap_product)(rows, padded, d, scale, queries, queryStride, 1, s.keys + begin, whole, false, s.scores,
                                  padded, s.strip);
                NAME(tap_product)(rows, padded, d, 1, dout + block, stride, 1, s.values + begin, whole, false, s.slopes,
                                  padded, s.strip);
                if (rate > 0) { tap_attention_words(plan, i, rows, begin, keys, head, sequence, s.words); }
                for (int64_t r = 0; r < rows; r++) {
                    REAL *p = s.scores + r * padded, *slope = s.slopes + r * padded;
                    const REAL *y = out + block + r * stride, *dy = dout + block + r * stride;
                    REAL shift = lse[(start + i + r) * heads + head];
                    int64_t fromLine = general ? length - 1 + begin - (i + r) : 0;
                    if (general && bias) {
                        const REAL *line = s.line + fromLine;
                        for (int64_t j = 0; j < padded; j++) { p[j] += line[j]; }
                    }
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
                    int64_t from = 0, visible = causal ? i + r + 1 : keys;
                    if (general) { tap_attention_row(plan, i + r, begin, keys, &from, &visible); }
                    for (int64_t j = 0; general && j < from; j++) { p[j] = slope[j] = 0; }
                    for (int64_t j = visible; j < keys; j++) { p[j] = slope[j] = 0; }
                    if (general && bias) {
                        REAL *line = s.lineSlopes + fromLine;
                        for (int64_t j = from; j < visible; j++) { line[j] += slope[j]; }
                    }
                }
                NAME(tap_product)(rows, d, keys, 1, s.slopes, padded, 1, keyRows + begin * keyRowStride, keyRowStride, false,
                                  dq + block, stride, s.strip);
                if (general && turns) {
                    NAME(tap_turn)(dq + block, stride, rows, d, turns + i * plan->rotated, plan->rotated, -1, dq + block,
                                   stride);
                }
                int64_t keyBlock = keyCorner + begin * keyStride;
                NAME(tap_product)(keys, d, rows, 1, s.slopes, 1, padded, queries, queryStride, adds, dk + keyBlock, keyStride,
                                  s.strip);
                NAME(tap_product)(keys, d, rows, 1, s.scores, 1, padded, dout + block, stride, adds, dv + keyBlock,
                                  keyStride, s.strip);
            }
            if (general && dbias) {
                REAL *target = dbias + (sequence * heads + head) * plan->column_count;
                for (int64_t t = 0; t < length + keyLength - 1; t++) {
                    target[tap_attention_column(plan, t - (length - 1))] += s.lineSlopes[t] / scale;
                }
            }
        }
        for (int64_t head = 0; general && turns && head < plan->key_heads; head++) {
            REAL *rows = dk + keyStart * keyStride + head * d;
            NAME(tap_turn)(rows, keyStride, keyLength, d, turns, plan->rotated, -1, rows, keyStride);
        }
    }
}

TAP_HOT void NAME(tap_attention_backward)(const tap_attention_plan *plan, const REAL *q, const REAL *k, const REAL *v,
                                          const REAL *bias, const REAL *turns, const REAL *out, const REAL *lse,
                                          const REAL *dout, REAL *dq, REAL *dk, REAL *dv, REAL *dbias, int64_t first,
                                          int64_t last) {
    if (tap_attention_is_general(plan) || bias || turns) {
        NAME(tap_attention_backward_of)(plan, q, k, v, bias, turns, out, lse, dout, dq, dk, dv, dbias, first, last, true,
                                        false);
    } else if (plan->highest == 0) {
        NAME(tap_attention_backward_of)(plan, q, k, v, NULL, NULL, out, lse, dout, dq, dk, dv, NULL, first, last, false,
                                        true);
    } else {
        NAME(tap_attention_backward_of)(plan, q, k, v, NULL, NULL, out, lse, dout, dq, dk, dv, NULL, first, last, false,
                                        false);
    }
}
