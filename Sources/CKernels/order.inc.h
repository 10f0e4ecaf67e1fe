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

/// Whether surely none of a block's elements comes before a number; all may if the number is NaN.
TAP_INLINE bool NAME(tap_none_before)(const REAL *x, REAL limit, bool largest) {
    int found = limit != limit;
    if (largest) {
        for (int i = 0; i < TAP_ORDER_BLOCK; i++) { found |= x[i] > limit; }
    } else {
        for (int i = 0; i < TAP_ORDER_BLOCK; i++) { found |= x[i] < limit; }
    }
    return !found;
}

/// The first k in a list that is kept in order.
TAP_INLINE void NAME(tap_order_few)(const REAL *x, int32_t *places, int64_t n, int64_t k, bool largest) {
    NAME(tap_ordered) best[TAP_FEW];
    int64_t count = 0;
    for (int64_t first = 0; first < n; first += TAP_ORDER_BLOCK) {
        int64_t end = first + TAP_ORDER_BLOCK;
        if (end > n) {
            end = n;
        } else if (count == k && NAME(tap_none_before)(x + first, x[best[count - 1].place], largest)) {
            continue;
        }
        for (int64_t i = first; i < end; i++) {
            UREAL key = NAME(tap_order_key)(x[i], largest);
            if (count == k && key >= best[count - 1].key) { continue; }
            int64_t j = count < k ? count++ : count - 1;
            for (; j > 0 && best[j - 1].key > key; j--) { best[j] = best[j - 1]; }
            best[j] = (NAME(tap_ordered)){key, (int32_t)i};
        }
    }
    for (int64_t j = 0; j < k; j++) { places[j] = best[j].place; }
}

/// Sorts by eight bits at a time, from the lowest. Each pass keeps the order of equals.
///
/// Returns where the result is: `from` or `to`.
TAP_INLINE NAME(tap_ordered) *NAME(tap_order_sort)(NAME(tap_ordered) *from, NAME(tap_ordered) *to, int64_t n) {
    int32_t counts[sizeof(UREAL)][256] = {{0}};
    for (int64_t i = 0; i < n; i++) {
        for (size_t digit = 0; digit < sizeof(UREAL); digit++) { counts[digit][(from[i].key >> (8 * digit)) & 255]++; }
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
    return from;
}

TAP_INLINE void NAME(tap_order_all)(const REAL *x, int32_t *places, int64_t n, int64_t k, bool largest,
                                    NAME(tap_ordered) *memory) {
    for (int64_t i = 0; i < n; i++) { memory[i] = (NAME(tap_ordered)){NAME(tap_order_key)(x[i], largest), (int32_t)i}; }
    NAME(tap_ordered) *sorted = NAME(tap_order_sort)(memory, memory + n, n);
    for (int64_t j = 0; j < k; j++) { places[j] = sorted[j].place; }
}

/// The first k of many more: those that come before the k-th so far are collected; when there are 4 k, the first k of them stay.
TAP_INLINE void NAME(tap_order_some)(const REAL *x, int32_t *places, int64_t n, int64_t k, bool largest,
                                     NAME(tap_ordered) *memory) {
    const int64_t capacity = 4 * k;
    NAME(tap_ordered) *found = memory, *other = memory + capacity;
    int64_t count = 0;
    bool isFull = false;
    UREAL limit = 0;
    REAL last = 0;
    for (int64_t first = 0; first < n; first += TAP_ORDER_BLOCK) {
        int64_t end = first + TAP_ORDER_BLOCK;
        if (end > n) {
            end = n;
        } else if (isFull && NAME(tap_none_before)(x + first, last, largest)) {
            continue;
        }
        for (int64_t i = first; i < end; i++) {
            UREAL key = NAME(tap_order_key)(x[i], largest);
            if (isFull && key >= limit) { continue; }
            found[count++] = (NAME(tap_ordered)){key, (int32_t)i};
            if (count < capacity) { continue; }
            NAME(tap_ordered) *sorted = NAME(tap_order_sort)(found, other, count);
            if (sorted != found) {
                other = found;
                found = sorted;
            }
            count = k;
            isFull = true;
            limit = found[k - 1].key;
            last = x[found[k - 1].place];
        }
    }
    NAME(tap_ordered) *sorted = NAME(tap_order_sort)(found, other, count);
    for (int64_t j = 0; j < k; j++) { places[j] = sorted[j].place; }
}

TAP_HOT void NAME(tap_order)(const REAL *x, int32_t *places, int64_t rows, int64_t n, int64_t k, bool largest) {
    const bool isSmallPart = n > 8 * k;
    NAME(tap_ordered) *memory = NULL;
    if (k > TAP_FEW) { memory = tap_scratch((size_t)(isSmallPart ? 8 * k : 2 * n) * sizeof(NAME(tap_ordered))); }
    for (int64_t r = 0; r < rows; r++) {
        const REAL *row = x + r * n;
        if (k <= TAP_FEW) {
            NAME(tap_order_few)(row, places + r * k, n, k, largest);
        } else if (isSmallPart) {
            NAME(tap_order_some)(row, places + r * k, n, k, largest, memory);
        } else {
            NAME(tap_order_all)(row, places + r * k, n, k, largest, memory);
        }
    }
}
