// Template of order.c, included for each type.

/// An element as a number without sign that sorts as it should, and where it stands.
typedef struct {
    UREAL key;
    int32_t place;
} NAME(tap_ordered);

/// Ascending keys are the wanted order; -0 and +0 are equal, and NaN comes last, whatever the order.
TAP_INLINE UREAL NAME(tap_order_key)(REAL x, bool largest) {
    const UREAL sign = (UREAL)1 << (8 * sizeof(UREAL) - 1);
    if (x != x) { return ~(UREAL)0; }
    UREAL bits = 0;
    if (x != 0) { memcpy(&bits, &x, sizeof bits); }
    UREAL key = bits & sign ? ~bits : bits | sign;
    return largest ? ~key : key;
}

/// The first k in a list that is kept in order.
TAP_INLINE void NAME(tap_order_few)(const REAL *x, int32_t *places, int64_t n, int64_t k, bool largest) {
    NAME(tap_ordered) best[TAP_FEW];
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        UREAL key = NAME(tap_order_key)(x[i], largest);
        if (count == k && key >= best[count - 1].key) { continue; }
        int64_t j = count < k ? count++ : count - 1;
        for (; j > 0 && best[j - 1].key > key; j--) { best[j] = best[j - 1]; }
        best[j] = (NAME(tap_ordered)){key, (int32_t)i};
    }
    for (int64_t j = 0; j < k; j++) { places[j] = best[j].place; }
}

/// Sorts by eight bits at a time, from the lowest. Each pass keeps the order of equals.
TAP_INLINE void NAME(tap_order_all)(const REAL *x, int32_t *places, int64_t n, int64_t k, bool largest,
                                    NAME(tap_ordered) *from, NAME(tap_ordered) *to) {
    int32_t counts[sizeof(UREAL)][256] = {{0}};
    for (int64_t i = 0; i < n; i++) {
        UREAL key = NAME(tap_order_key)(x[i], largest);
        from[i] = (NAME(tap_ordered)){key, (int32_t)i};
        for (size_t digit = 0; digit < sizeof(UREAL); digit++) { counts[digit][(key >> (8 * digit)) & 255]++; }
    }
    for (size_t digit = 0; digit < sizeof(UREAL); digit++) {
        int32_t *count = counts[digit];
        if (count[(from[0].key >> (8 * digit)) & 255] == n) { continue; }
        int32_t first = 0;
        for (int value = 0; value < 256; value++) {
            int32_t number = count[value];
            count[value] = first;
            first += number;
        }
        for (int64_t i = 0; i < n; i++) { to[count[(from[i].key >> (8 * digit)) & 255]++] = from[i]; }
        NAME(tap_ordered) *swapped = from;
        from = to;
        to = swapped;
    }
    for (int64_t j = 0; j < k; j++) { places[j] = from[j].place; }
}

void NAME(tap_order)(const REAL *x, int32_t *places, int64_t rows, int64_t n, int64_t k, bool largest) {
    NAME(tap_ordered) *memory = k > TAP_FEW ? tap_scratch(2 * (size_t)n * sizeof(NAME(tap_ordered))) : NULL;
    for (int64_t r = 0; r < rows; r++) {
        if (k > TAP_FEW) {
            NAME(tap_order_all)(x + r * n, places + r * k, n, k, largest, memory, memory + n);
        } else {
            NAME(tap_order_few)(x + r * n, places + r * k, n, k, largest);
        }
    }
}
