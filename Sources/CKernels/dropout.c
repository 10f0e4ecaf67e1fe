// Dropout whose masks are recomputed instead of stored.
#include "philox.h"

#include "real_f32.h"
#include "dropout.inc.h"
#include "real_f64.h"
#include "dropout.inc.h"
