// Elements of rows in order, and the first of them.
#include "kernels.h"

/// Up to so many are kept in order while the row is passed over.
#define TAP_FEW 24
/// How many elements are looked at together.
#define TAP_ORDER_BLOCK 64

#include "real_f32.h"
#include "order.inc.h"
#include "real_f64.h"
#include "order.inc.h"
