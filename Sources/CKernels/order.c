// Elements of rows in order, and the first of them.
#include "kernels.h"

/// Up to so many are found by one pass over the row, more by sorting all of it.
#define TAP_FEW 24

#include "real_f32.h"
#include "order.inc.h"
#include "real_f64.h"
#include "order.inc.h"
