// Reductions over one axis of [outer, n, inner].
#include "lanes.h"
#include "math_f32.h"
#include "math_f64.h"

#include "real_f32.h"
#include "sums.inc.h"
#include "rows.inc.h"
#include "reductions.inc.h"
#include "real_f64.h"
#include "sums.inc.h"
#include "rows.inc.h"
#include "reductions.inc.h"
